import { expect, test } from 'vitest';
import { runWorkers } from './run-trials.ts';

const never = new AbortController().signal;

/** Ends only by an abort, as a trial does that waits for a model. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('works through all items, so many at a time', async () => {
  const done: number[] = [];
  let [underWay, most] = [0, 0];
  await runWorkers({
    items: [1, 2, 3, 4, 5],
    concurrency: 2,
    signal: never,
    work: async (item) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      done.push(item);
    },
  });
  expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});

test('begins what is of no group under way first, and what is where nothing else is left', async () => {
  const begun: string[] = [];
  const { promise: long, resolve: end } = Promise.withResolvers<void>();
  await runWorkers({
    items: ['a1', 'a2', 'b1', 'b2', 'a3'],
    concurrency: 2,
    signal: never,
    groupOf: ([letter]) => letter,
    async work(item) {
      begun.push(item);
      if (item === 'a1') await long;
      else await Promise.resolve();
      if (item === 'a2') end();
    },
  });
  expect(begun).toEqual(['a1', 'b1', 'b2', 'a2', 'a3']);
});

test('a failure aborts the others, begins nothing more, and is what is thrown once all have ended', async () => {
  const failure = new Error('the disk is full');
  const begun: string[] = [];
  const ended: string[] = [];
  const running = runWorkers({
    items: ['long', 'fails', 'later'],
    concurrency: 2,
    signal: never,
    work: async (item, signal) => {
      begun.push(item);
      if (item === 'fails') throw failure;
      await untilAborted(signal).finally(() => ended.push(item));
    },
  });
  await expect(running).rejects.toBe(failure);
  expect(begun).toEqual(['long', 'fails']);
  expect(ended).toEqual(['long']);
});

test('an abort from outside is no failure', async () => {
  const controller = new AbortController();
  const running = runWorkers({
    items: [1, 2],
    concurrency: 1,
    signal: controller.signal,
    work: (_, signal) => untilAborted(signal),
  });
  controller.abort(new Error('interrupted'));
  await expect(running).resolves.toBeUndefined();
});

test('once it is over, what is under way finishes and nothing more is begun', async () => {
  let over = false;
  const finished: number[] = [];
  await runWorkers({
    items: [1, 2, 3],
    concurrency: 2,
    signal: never,
    isOver: () => over,
    work: async (item, signal) => {
      if (item === 2) over = true;
      await Promise.resolve();
      signal.throwIfAborted();
      finished.push(item);
    },
  });
  expect(finished).toEqual([1, 2]);
});
