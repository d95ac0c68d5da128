import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBusyPoll, driveProgram } from './drive-program.ts';
import type { DrivenProgram } from './program.ts';
import type { CallResult, ProgramEnd } from './sandbox.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

const end = { status: 'ok', calls: 0 } as unknown as ProgramEnd;
const result: CallResult = { ok: true, valueJson: '1' };

/** A program that makes so many calls at once and ends when all are settled; it notes which were handed to it together. */
function programOf(calls: number) {
  const handed: number[][] = [];
  const [stop, pause, resume] = [vi.fn(async () => undefined), vi.fn(), vi.fn()];
  const program: DrivenProgram = {
    async advance(results) {
      if (results.length > 0) handed.push(results.map(({ id }) => id));
      if (handed.flat().length === calls) return { calls: [], end };
      const first = results.length === 0;
      const made = Array.from({ length: calls }, (_, i) => ({ id: i + 1, server: 's', tool: 't', args: {} }));
      return { calls: first ? made : [] };
    },
    stop,
    onEnd() {},
    hold() {},
    pause,
    resume,
  };
  return { program, handed, stop, pause, resume };
}

/** Answers calls when told to, and notes which are under way. */
function answering() {
  const underWay = new Map<number, PromiseWithResolvers<CallResult>>();
  const started: number[] = [];
  return {
    started,
    underWay,
    call({ id }: { id: number }) {
      started.push(id);
      const answer = Promise.withResolvers<CallResult>();
      underWay.set(id, answer);
      return answer.promise;
    },
    async answer(...ids: number[]) {
      for (const id of ids) {
        underWay.get(id)?.resolve(result);
        underWay.delete(id);
      }
      // As many turns of the microtask queue as an answer takes on its way.
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
    },
  };
}

const settle = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

test('the last result under way is handed over at once, with no clock', async () => {
  const { program, handed } = programOf(1);
  const { call, answer } = answering();
  const driven = driveProgram(program, { call, callsInFlight: 8 });
  await settle();
  await answer(1);
  expect(handed).toEqual([[1]]);
  expect(vi.getTimerCount()).toBe(0);
  expect(await driven).toBe(end);
});

test('a result waits for company while others are under way, but only 2 ms', async () => {
  const { program, handed } = programOf(3);
  const { call, answer } = answering();
  const driven = driveProgram(program, { call, callsInFlight: 8 });
  await settle();
  await answer(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(handed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(handed).toEqual([[2]]);
  await answer(1, 3);
  expect(handed).toEqual([[2], [1, 3]]);
  expect(await driven).toBe(end);
});

test('48 results are company enough', async () => {
  const { program, handed } = programOf(200);
  const { call, answer } = answering();
  void driveProgram(program, { call, callsInFlight: 200 });
  await settle();
  await answer(...Array.from({ length: 47 }, (_, i) => i + 1));
  expect(handed).toEqual([]);
  await answer(48);
  expect(handed).toEqual([Array.from({ length: 48 }, (_, i) => i + 1)]);
});

test('calls start in the order of the program, no more at once than are allowed', async () => {
  const { program } = programOf(10);
  const { call, answer, started, underWay } = answering();
  void driveProgram(program, { call, callsInFlight: 4 });
  await settle();
  expect(started).toEqual([1, 2, 3, 4]);
  await answer(2, 3);
  expect(started).toEqual([1, 2, 3, 4, 5, 6]);
  expect(underWay.size).toBe(4);
});

test('while a call pauses the program, it is handed no results and no later call starts', async () => {
  const { program, handed, pause: stopped, resume: continued } = programOf(4);
  const { call, answer, started } = answering();
  let release = () => {};
  const driven = driveProgram(program, {
    call(made, _, pause) {
      if (made.id === 2) release = pause();
      return call(made);
    },
    callsInFlight: 8,
  });
  await settle();
  await answer(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect({ started, handed }).toEqual({ started: [1, 2], handed: [] });
  expect([stopped.mock.calls.length, continued.mock.calls.length]).toEqual([1, 0]);
  release();
  release();
  await settle();
  expect({ started, handed }).toEqual({ started: [1, 2, 3, 4], handed: [[1]] });
  expect(continued).toHaveBeenCalledOnce();
  await answer(2, 3, 4);
  expect(await driven).toBe(end);
});

test('a call that fails while it pauses the program stops it', async () => {
  const { program, stop } = programOf(2);
  const driven = driveProgram(program, {
    async call(_, __, pause) {
      pause();
      await settle();
      throw new Error('no answer came');
    },
    callsInFlight: 8,
  });
  await expect(driven).rejects.toThrow('no answer came');
  expect(stop).toHaveBeenCalledOnce();
});

test('a call that fails for reasons of infrastructure stops the program, and the rest are called off', async () => {
  const { program, stop } = programOf(3);
  const signals: AbortSignal[] = [];
  const driven = driveProgram(program, {
    async call({ id }, signal) {
      signals.push(signal);
      if (id === 2) throw new Error('server gone');
      return new Promise(() => {});
    },
    callsInFlight: 8,
  });
  await expect(driven).rejects.toThrow('server gone');
  expect(stop).toHaveBeenCalledOnce();
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});

test('what a program passed on is not kept once its call has started', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const passed: WeakRef<object>[] = [];
  let kept: number | undefined;
  const program: DrivenProgram = {
    async advance() {
      // Weak references hold on to what they name until the turn is over.
      await new Promise(setImmediate);
      if (passed.length === 40) {
        collectGarbage();
        kept = passed.filter((each) => each.deref() !== undefined).length;
        return { calls: [], end };
      }
      const args = { text: 'x' };
      passed.push(new WeakRef(args));
      return { calls: [{ id: passed.length, server: 's', tool: 't', args }] };
    },
    stop: async () => undefined,
    onEnd() {},
    hold() {},
    pause() {},
    resume() {},
  };
  await driveProgram(program, { call: async () => result, callsInFlight: 2 });
  expect(kept).toBeLessThan(5);
});

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
