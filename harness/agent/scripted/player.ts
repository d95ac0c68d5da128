import type { JsonObject } from '../../json.ts';
import type { CallResult, CompletedCall } from '../../sandbox/sandbox.ts';
import { argumentsOf } from '../patterns/code.ts';
import type { LeftSchedule, RunningProgram } from './reference-plan.ts';
import { keyOf, type ScheduledCall } from './schedule.ts';
import type { Translation } from './translation.ts';

/** What a message asks for, and how many more calls could have been asked for in it. */
export type Asked = { calls: AskedCall[]; waiting: number };

/** A call as this trial asks for it, and as the schedule has it. */
export type AskedCall = { own: ScheduledCall; recorded: ScheduledCall };

/** A call that was asked for, with its result, and the text of it. */
export type Answered = { call: AskedCall; result: CallResult; text: string };

/** A call that the program made and has no result of. */
type WaitingCall = AskedCall & { id: number };

export type PlayOptions = {
  /** The levels of the step; where there are none, it goes as the program is written. */
  levels?: readonly (readonly ScheduledCall[])[] | undefined;
  /** Between the words of the schedule and those of this trial. */
  translation: Translation;
  /** Why the levels end before the program does, where they do. */
  cut?: string | undefined;
  /** Told once where the schedule is left: after how many calls of this step, and why. */
  onLeave?: ((left: LeftSchedule) => void) | undefined;
};

/**
 * Plays one step of the reference program as direct calls. Calls are asked for level by level, ahead of the program where the
 * schedule says so. The program gets each result when it makes that call, and computes the answer from nothing else.
 * Without levels, and from where the program makes calls that no level has, it goes as the program is written.
 */
export class SchedulePlayer {
  readonly #program: RunningProgram;
  readonly #options: PlayOptions;
  #levels: ScheduledCall[][];
  /** How often each call is still to be asked for by the levels. */
  readonly #ahead = new Map<string, number>();
  /** Calls that the program made as written and that were not asked for yet. */
  #queue: AskedCall[] = [];
  readonly #waiting = new Map<string, WaitingCall[]>();
  readonly #results = new Map<string, CallResult[]>();
  #isWritten: boolean;
  #asked = 0;

  constructor(program: RunningProgram, options: PlayOptions) {
    const { levels } = options;
    this.#program = program;
    this.#options = options;
    this.#levels = levels?.map((level) => [...level]) ?? [];
    this.#isWritten = levels === undefined;
    for (const call of this.#levels.flat()) this.#plan(call, 1);
  }

  /** Starts the program. Gives the JSON text that it returned, or undefined where it waits for calls. */
  async start(signal: AbortSignal): Promise<string | undefined> {
    return this.#resume([], signal);
  }

  /** The calls to ask for next, at most so many. */
  ask(most: number): Asked {
    const { translation } = this.#options;
    const level = this.#levels[0] ?? [];
    const calls = this.#isWritten
      ? this.#queue.splice(0, most)
      : level.splice(0, most).map((recorded) => ({ own: translation.toOwn(recorded), recorded }));
    if (level.length === 0) this.#levels.shift();
    for (const { recorded } of calls) this.#plan(recorded, -1);
    this.#asked += calls.length;
    return { calls, waiting: this.#isWritten ? this.#queue.length : level.length };
  }

  /** Takes the results of the calls that were asked for. Gives what `start` gives. */
  async answer(results: readonly Answered[], signal: AbortSignal): Promise<string | undefined> {
    const keys = results.map(({ call: { recorded }, result, text }) => {
      this.#options.translation.learn(recorded, text);
      const key = keyOf(recorded);
      push(this.#results, key, result);
      return key;
    });
    return this.#resume(this.#match(keys), signal);
  }

  /** Resumes the program for as long as there are results for what it waits for. */
  async #resume(first: CompletedCall[], signal: AbortSignal): Promise<string | undefined> {
    const { translation } = this.#options;
    let ready = first;
    do {
      const returned = await this.#program.resume(ready, signal);
      if (returned !== undefined) {
        const unused = [...this.#results.values()].flat().length + this.#levels.flat().length;
        if (unused > 0 && !this.#isWritten)
          this.#leave('the program ended without calls that it made before');
        return returned;
      }
      const keys = this.#program.take().map((guestCall) => {
        const { id, server, tool } = guestCall;
        const own = { server, tool, args: argumentsOf(guestCall) as JsonObject };
        const call = { id, own, recorded: translation.toRecorded(own) };
        const key = keyOf(call.recorded);
        push(this.#waiting, key, call);
        if (this.#isWritten) this.#queue.push(call);
        return key;
      });
      ready = this.#match(keys);
    } while (ready.length > 0);
    if (this.#isWritten) return undefined;
    const unplanned = this.#waiting.entries().find(([key]) => !this.#ahead.has(key))?.[1][0];
    if (unplanned) this.#leave(this.#explain(unplanned));
    return undefined;
  }

  #explain({ own: { server, tool } }: WaitingCall): string {
    const { cut } = this.#options;
    return cut !== undefined && this.#levels.length === 0
      ? cut
      : `${server}.${tool} was asked for with other arguments than when the schedule was found`;
  }

  /** Continues as the program is written: what was planned may not be what it would do now. */
  #leave(because: string): void {
    this.#isWritten = true;
    this.#levels = [];
    this.#queue = [...this.#waiting.values()].flat().sort((a, b) => a.id - b.id);
    this.#options.onLeave?.({ calls: this.#asked, because });
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
