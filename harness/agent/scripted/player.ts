import type { Json, JsonObject } from '../../json.ts';
import type { CallResult, CompletedCall } from '../../sandbox/sandbox.ts';
import { toValue } from '../../tools/mcp/surface.ts';
import { everywhere, fieldsIn, type Volatile } from '../../tools/work-recorder.ts';
import { argumentsOf } from '../patterns/code.ts';
import { keyOf, type Named, type ScheduledCall } from './schedule.ts';
import type { LeftSchedule, RunningProgram } from './scripted-model.ts';

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

  /** The calls to ask for next, at most so many, and how many more could be asked for in the same message. */
  ask(most: number): { calls: AskedCall[]; waiting: number } {
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

  /**
   * Takes the results of the calls that were asked for; the first time none, which starts the program. Gives the JSON text that it
   * returned, or undefined where it waits for calls.
   */
  async answer(results: readonly Answered[], signal: AbortSignal): Promise<string | undefined> {
    const { translation, cut } = this.#options;
    const keys = results.map(({ call: { recorded }, result, text }) => {
      translation.learn(recorded, text);
      const key = keyOf(recorded);
      push(this.#results, key, result);
      return key;
    });
    let ready = this.#match(keys);
    do {
      const returned = await this.#program.resume(ready, signal);
      if (returned !== undefined) {
        const unused = [...this.#results.values()].flat().length + this.#levels.flat().length;
        if (unused > 0 && !this.#isWritten)
          this.#leave('the program ended without calls that it made before');
        return returned;
      }
      const keys = this.#program.pending.splice(0).map((guestCall) => {
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
    if (unplanned) {
      const { server, tool } = unplanned.own;
      const isCut = cut !== undefined && this.#levels.length === 0;
      const differs = `${server}.${tool} was asked for with other arguments than when the schedule was found`;
      this.#leave(isCut ? cut : differs);
    }
    return undefined;
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

/** What is another thing each time the servers are started: the trial's own folder, and what a scenario calls `volatile`. */
export type OwnWords = {
  directory: string;
  /** By server and identifier of the tool: where its results name such things. */
  volatile: ReadonlyMap<string, Volatile>;
};

/** Shorter words and smaller numbers mean too many things to be told from each other by their looks. */
const shortest = 4;

/** What a result names that will be named otherwise another time. */
export function namesIn(text: string, volatile: Volatile): Named[] {
  const named: Named[] = [];
  const note = (place: string, value: unknown) => {
    if (typeof value === 'string' || typeof value === 'number') named.push({ place, value });
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) note(`${place}.${key}`, member);
    }
  };
  const value = toValue(text);
  if (typeof value === 'object') fieldsIn(value, volatile, note);
  for (const part of volatile) {
    if (!(part instanceof RegExp)) continue;
    for (const [time, [found]] of [...text.matchAll(everywhere(part))].entries())
      note(`${part} ${time}`, found);
  }
  return named;
}

/**
 * Translates calls between the servers over which a schedule was found and those of a trial, in the same first state. What differs
 * is the folder, and things that a result names otherwise each time, once both results are known.
 */
export class Translation {
  readonly #recordedIn: string;
  readonly #own: OwnWords;
  readonly #toOwn = new Map<string, string>();
  readonly #toRecorded = new Map<string, string>();

  /** `recordedIn`: the folder of the servers over which the schedule was found. */
  constructor(recordedIn: string, own: OwnWords) {
    this.#recordedIn = recordedIn;
    this.#own = own;
  }

  /** What this trial asks for where the schedule has this call. */
  toOwn(call: ScheduledCall): ScheduledCall {
    return translate(call, this.#toOwn, this.#recordedIn, this.#own.directory);
  }

  /** What the schedule has where the program asks for this call. */
  toRecorded(call: ScheduledCall): ScheduledCall {
    return translate(call, this.#toRecorded, this.#own.directory, this.#recordedIn);
  }

  /** Takes from the result of a call of the schedule how this trial's servers name what that call's result named. */
  learn({ server, tool, names }: ScheduledCall, text: string): void {
    if (!names?.length) return;
    const own = namesIn(text, this.#own.volatile.get(`${server}.${tool}`) ?? []);
    const ownAt = new Map(own.map(({ place, value }) => [place, value]));
    for (const { place, value } of names) {
      const other = ownAt.get(place);
      if (typeof other !== typeof value || other === undefined || other === value) continue;
      this.#pair(String(value), String(other));
      const [words, others] = [wordsOf(String(value)), wordsOf(String(other))];
      if (words.length === others.length)
        for (const [at, word] of words.entries()) this.#pair(word, others[at]);
    }
  }

  #pair(recorded: string, own: string | undefined): void {
    if (own === undefined || own === recorded || Math.min(own.length, recorded.length) < shortest) return;
    this.#toOwn.set(recorded, own);
    this.#toRecorded.set(own, recorded);
  }
}

const wordPattern = /[\p{L}\p{N}_-]{4,}/gu;

function wordsOf(text: string): string[] {
  return text.match(wordPattern) ?? [];
}

/** A call with other words in its arguments, and with the folder `to` instead of `from`. */
function translate(
  call: ScheduledCall,
  words: ReadonlyMap<string, string>,
  from: string,
  to: string,
): ScheduledCall {
  const inText = (text: string): string => {
    const moved = from === '' || from === to ? text : text.replaceAll(from, to);
    if (words.size === 0) return moved;
    return words.get(moved) ?? moved.replace(wordPattern, (word) => words.get(word) ?? word);
  };
  const change = (value: Json): Json => {
    if (typeof value === 'string') return inText(value);
    if (typeof value === 'number') return Number(words.get(String(value)) ?? value);
    if (Array.isArray(value)) return value.map(change);
    return typeof value === 'object' && value !== null ? changeMembers(value) : value;
  };
  const changeMembers = (members: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(members).map(([key, member]) => [key, change(member)]));
  return { ...call, args: changeMembers(call.args) };
}
