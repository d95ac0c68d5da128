import { afterEach, expect, test, vi } from 'vitest';
import { createVigil } from './busy-poll.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a vigil polls for its moment only, longer when it is begun again, and stops when it is ended', () => {
  vi.useFakeTimers({ toFake: ['setImmediate', 'performance'] });
  const isPolling = () => vi.getTimerCount() > 0;
  const vigil = createVigil();
  vigil.begin();
  expect(isPolling()).toBe(true);
  vi.advanceTimersByTime(1);
  vi.runAllTicks();
  vi.advanceTimersByTime(1);
  expect(isPolling()).toBe(false);
  vigil.begin();
  vigil.begin();
  expect(vi.getTimerCount()).toBe(1);
  vigil.end();
  vi.advanceTimersToNextTimer();
  expect(isPolling()).toBe(false);
});
