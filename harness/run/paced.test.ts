import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pace } from './open-run.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a job that is asked for a thousand times in a second is done twice, the second time at its end', () => {
  const job = vi.fn();
  const paced = pace(job, 1000);
  for (let i = 0; i < 1000; i++) {
    paced.soon();
    vi.advanceTimersByTime(1);
  }
  expect(job).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(5000);
  expect(job).toHaveBeenCalledTimes(2);
});

test('a job that takes long is asked for again only twenty times as long after it', () => {
  const job = vi.fn(() => vi.advanceTimersByTime(300));
  const paced = pace(job, 1000);
  paced.soon();
  paced.soon();
  vi.advanceTimersByTime(5900);
  expect(job).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(200);
  expect(job).toHaveBeenCalledTimes(2);
});

test('what must be done now is, with its outcome, and nothing is left to be done soon', () => {
  const job = vi.fn(() => 7);
  const paced = pace(job, 1000);
  paced.soon();
  paced.soon();
  expect(paced.now()).toBe(7);
  vi.advanceTimersByTime(5000);
  expect(job).toHaveBeenCalledTimes(2);
});

test('once stopped it is done no more', () => {
  const job = vi.fn();
  const paced = pace(job, 1000);
  paced.soon();
  paced.soon();
  paced.stop();
  vi.advanceTimersByTime(5000);
  expect(job).toHaveBeenCalledTimes(1);
});

test('what it throws while nothing waits for it ends no process, and is thrown where something does', () => {
  const job = vi.fn(() => {
    if (job.mock.calls.length > 1) throw new Error('disk full');
  });
  const paced = pace(job, 1000);
  paced.soon();
  paced.soon();
  vi.advanceTimersByTime(1000);
  expect(job).toHaveBeenCalledTimes(2);
  expect(paced.now).toThrow('disk full');
});
