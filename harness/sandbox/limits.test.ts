import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWallClock } from './limits.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('only what passes while it runs counts, towards the limit too', () => {
  const onLimit = vi.fn();
  const clock = createWallClock(1_000, onLimit);
  vi.advanceTimersByTime(5_000);
  clock.start();
  vi.advanceTimersByTime(600);
  clock.stop();
  vi.advanceTimersByTime(60_000);
  expect([clock.spentMs(), clock.leftMs()]).toEqual([600, 400]);
  clock.start();
  clock.start();
  vi.advanceTimersByTime(399);
  expect(onLimit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onLimit).toHaveBeenCalledOnce();
  expect(clock.leftMs()).toBe(0);
});

test('a clock that is stopped leaves no timer behind', () => {
  const clock = createWallClock(1_000, () => {});
  clock.start();
  clock.stop();
  expect(vi.getTimerCount()).toBe(0);
});
