import { expect, test } from 'vitest';
import {
  afterFailure,
  afterStart,
  afterSuccess,
  afterThrottle,
  mayStart,
  openWindow,
  type PaceWindow,
} from './pace-window.ts';

const open = (initial = 2, max = 16) => openWindow({ initial, max });

/** One round under load: whatever was in flight finishes, and every place that becomes free is taken at once. */
function round(window: PaceWindow, finish: (window: PaceWindow) => PaceWindow, now = 0): PaceWindow {
  const fill = (from: PaceWindow) => {
    let filled = from;
    while (mayStart(filled, now)) filled = afterStart(filled);
    return filled;
  };
  let current = fill(window);
  for (let left = current.inFlight; left > 0; left--) current = fill(finish(current));
  return { ...current, inFlight: 0 };
}

test('slow start doubles the limit with every round of successes', () => {
  const first = round(open(), afterSuccess);
  expect(first.limit).toBe(4);
  expect(round(first, afterSuccess).limit).toBe(8);
});

test('the limit never passes its maximum', () => {
  let window = open(2, 5);
  for (let i = 0; i < 5; i++) window = round(window, afterSuccess);
  expect(window.limit).toBe(5);
});

test('after a refusal the limit is halved and rises by about one per round', () => {
  let window = { ...open(8), inFlight: 8 };
  window = afterThrottle(window, { now: 100, startedAt: 50, askedMs: null });
  expect([window.limit, window.inFlight, window.slowStart]).toEqual([4, 7, false]);
  while (window.inFlight > 0) window = afterFailure(window);
  const risen = round(window, afterSuccess, 200).limit;
  expect(risen).toBeGreaterThan(4.8);
  expect(risen).toBeLessThanOrEqual(5);
});

test('requests that were in flight together lower the limit once', () => {
  let window: PaceWindow = { ...open(8), inFlight: 8 };
  for (let i = 0; i < 8; i++) window = afterThrottle(window, { now: 100 + i, startedAt: 50, askedMs: null });
  expect(window.limit).toBe(4);
  window = afterThrottle({ ...window, inFlight: 1 }, { now: 300, startedAt: 200, askedMs: null });
  expect(window.limit).toBe(2);
});

test('the limit never falls below one', () => {
  let window = open(1);
  window = afterThrottle(afterStart(window), { now: 10, startedAt: 5, askedMs: null });
  expect(window.limit).toBe(1);
});

test('no request starts before the time that the server named', () => {
  const window = afterThrottle(afterStart(open()), { now: 1_000, startedAt: 500, askedMs: 7_000 });
  expect(mayStart(window, 7_999)).toBe(false);
  expect(mayStart(window, 8_000)).toBe(true);
});

test('a shorter pause does not undo a longer one', () => {
  let window = afterThrottle(afterStart(open()), { now: 0, startedAt: 0, askedMs: 9_000 });
  window = afterThrottle(afterStart(window), { now: 10, startedAt: 0, askedMs: 100 });
  expect(window.blockedUntil).toBe(9_000);
});

test('success below the limit says nothing about it', () => {
  expect(afterSuccess(afterStart(open(4))).limit).toBe(4);
});

test('a failure that is not about the rate leaves the limit alone', () => {
  expect(afterFailure(afterStart(open(4)))).toMatchObject({ limit: 4, inFlight: 0 });
});

test('a maximum below the beginning is refused', () => {
  expect(() => open(4, 2)).toThrow(RangeError);
});
