import { expect, test } from 'vitest';
import { fewestForInterval, widenedTail } from './resample.ts';

test('the tail is thinner than nominal, and nears it as observations are added', () => {
  const tails = [5, 10, 50, 1000].map((n) => widenedTail(n, 0.95));
  expect(tails).toEqual([...tails].sort((a, b) => a - b));
  expect(tails.every((tail) => tail < 0.025)).toBe(true);
  expect(tails.at(-1)).toBeCloseTo(0.025, 3);
});

test('an interval needs five observations at 90 and 95 %, and seven at 99 %', () => {
  expect([0.9, 0.95, 0.99].map(fewestForInterval)).toEqual([5, 5, 7]);
});
