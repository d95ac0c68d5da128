import { afterEach, expect, test, vi } from 'vitest';
import { createBusyPoll } from './busy-poll.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a busy poll lasts a moment, longer when begun again, and stops when ended', () => {
  vi.useFakeTimers({ toFake: ['setImmediate', 'performance'] });
  const isPolling = () => vi.getTimerCount() > 0;
  const busyPoll = createBusyPoll();
  busyPoll.begin();
  expect(isPolling()).toBe(true);
  vi.advanceTimersByTime(1);
  vi.runAllTicks();
  vi.advanceTimersByTime(1);
  expect(isPolling()).toBe(false);
  busyPoll.begin();
  busyPoll.begin();
  expect(vi.getTimerCount()).toBe(1);
  busyPoll.end();
  vi.advanceTimersToNextTimer();
  expect(isPolling()).toBe(false);
});
