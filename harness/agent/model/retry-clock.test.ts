import { expect, test } from 'vitest';
import { createManualClock } from '../../testing/messages-api/manual-clock.ts';
import { sleep, systemClock } from './retry-clock.ts';

test('sleeping takes as long as it says', async () => {
  const clock = createManualClock();
  let awake = false;
  sleep(clock, 100, new AbortController().signal).then(() => {
    awake = true;
  });
  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  await Promise.resolve();
  expect(awake).toBe(true);
});

test('an abort wakes with its reason, also before sleep begins', async () => {
  const controller = new AbortController();
  const asleep = sleep(systemClock, 60_000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(asleep).rejects.toThrow('enough');
  await expect(sleep(systemClock, 60_000, controller.signal)).rejects.toThrow('enough');
});

test('a pause longer than a timer can count is not over at once', async () => {
  let called = false;
  const cancel = systemClock.after(2 ** 40, () => {
    called = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  cancel();
  expect(called).toBe(false);
});
