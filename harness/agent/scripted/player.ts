import type { JsonObject } from '../../json.ts';
import type { CallResult, CompletedCall } from '../../sandbox/sandbox.ts';
import { argumentsOf } from '../patterns/code.ts';
import type { RunningProgram } from './reference-plan.ts';
import { keyOf, type ScheduledCall, toScheduled } from './schedule.ts';

/** What a message asks for, and how many more calls could have been asked for in it. */
export type Asked = { calls: ScheduledCall[]; waiting: number };

/** A call that was asked for, with its result. */
export type Answered = { call: ScheduledCall; result: CallResult };

/** A call that the program made and has no result of. */
type WaitingCall = ScheduledCall & { id: number };

/**
 * Plays one step of the reference program as direct calls. Calls are asked for level by level, ahead of the program where the
 * schedule says so. The program gets each result when it makes that call, and computes the answer from nothing else.
 * Without levels, and from where the program makes calls that no level has, it goes as the program is written.
 */
export class SchedulePlayer {
  readonly #program: RunningProgram;
  #levels: ScheduledCall[][];
  /** How often each call is still to be asked for by the levels. */
  readonly #ahead = new Map<string, number>();
  /** Calls that the program made as written and that were not asked for yet. */
  #queue: ScheduledCall[] = [];
  readonly #waiting = new Map<string, WaitingCall[]>();
  readonly #results = new Map<string, CallResult[]>();
  #isWritten: boolean;

  constructor(program: RunningProgram, levels: readonly (readonly ScheduledCall[])[] = []) {
    this.#program = program;
    this.#levels = levels.map((level) => [...level]);
    this.#isWritten = levels.length === 0;
    for (const call of levels.flat()) this.#plan(call, 1);
  }

  /** Starts the program. Gives the JSON text that it returned, or undefined where it waits for calls. */
  async start(signal: AbortSignal): Promise<string | undefined> {
    return this.#resume([], signal);
  }

  /** The calls to ask for next, at most so many. */
  ask(most: number): Asked {
    const from = this.#isWritten ? this.#queue : (this.#levels[0] ?? []);
    const calls = from.splice(0, most);
    if (from.length === 0) this.#levels.shift();
    for (const call of calls) this.#plan(call, -1);
    return { calls, waiting: from.length };
  }

  /** Takes the results of the calls that were asked for. Gives what `start` gives. */
  async answer(results: readonly Answered[], signal: AbortSignal): Promise<string | undefined> {
    for (const { call, result } of results) push(this.#results, keyOf(call), result);
    return this.#resume(this.#match(results.map(({ call }) => keyOf(call))), signal);
  }

  /** Resumes the program for as long as there are results for what it waits for. */
  async #resume(first: CompletedCall[], signal: AbortSignal): Promise<string | undefined> {
    let ready = first;
    do {
      const returned = await this.#program.resume(ready, signal);
      if (returned !== undefined) return returned;
      const keys = this.#program.take().map((guestCall) => {
        const call = { ...guestCall, args: argumentsOf(guestCall) as JsonObject };
        const key = keyOf(call);
        push(this.#waiting, key, call);
        if (this.#isWritten) this.#queue.push(toScheduled(call));
        return key;
      });
      ready = this.#match(keys);
    } while (ready.length > 0);
    if (!this.#isWritten && this.#waiting.keys().some((key) => !this.#ahead.has(key))) this.#leave();
    return undefined;
  }

  /** Goes on as the program is written: what was planned may not be what it would do now. */
  #leave(): void {
    this.#isWritten = true;
    this.#levels = [];
    const waiting = [...this.#waiting.values()].flat().sort((a, b) => a.id - b.id);
    this.#queue = waiting.map(toScheduled);
  }

  /** The calls of these keys that wait and have a result, each taken with it. */
  #match(keys: readonly string[]): CompletedCall[] {
    return keys.flatMap((key) => {
      const waiting = this.#waiting.get(key);
      const results = this.#results.get(key);
      if (!waiting?.length || !results?.length) return [];
      const { id } = waiting.shift() as WaitingCall;
      if (waiting.length === 0) this.#waiting.delete(key);
      return [{ id, result: results.shift() as CallResult }];
    });
  }

  #plan(call: ScheduledCall, by: 1 | -1): void {
    const key = keyOf(call);
    const times = (this.#ahead.get(key) ?? 0) + by;
    if (times > 0) this.#ahead.set(key, times);
    else this.#ahead.delete(key);
  }
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
