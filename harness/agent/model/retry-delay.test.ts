import { expect, test } from 'vitest';
import { defaultRetryPolicy, parseRetryAfter, retryDelayMs } from './retry-delay.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const parse = (headers: Record<string, string>) => parseRetryAfter(new Headers(headers), now);

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:59:00 GMT' }, 0],
  [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
  [{ 'retry-after': 'soon 5' }, null],
  [{ 'retry-after': '-3' }, null],
  [{ 'retry-after': '' }, null],
  [{}, null],
])('%j asks for a pause of %s ms', (headers, expected) => {
  expect(parse(headers)).toBe(expected);
});

test('a pause that a server asks for is never undercut', () => {
  expect(retryDelayMs(1, 7_000, defaultRetryPolicy, () => 0)).toBe(7_000);
  expect(retryDelayMs(1, 7_000, defaultRetryPolicy, () => 0.999)).toBeLessThanOrEqual(7_700);
});

test('a pause that a server asks for is capped', () => {
  expect(retryDelayMs(1, 86_400_000, defaultRetryPolicy, () => 0)).toBe(120_000);
});

test('without a header pauses double, between half and all of the step, up to the cap', () => {
  const shortest = [1, 2, 3, 9].map((failures) => retryDelayMs(failures, null, defaultRetryPolicy, () => 0));
  expect(shortest).toEqual([500, 1_000, 2_000, 15_000]);
  expect(retryDelayMs(2, null, defaultRetryPolicy, () => 0.999_999)).toBe(2_000);
});
