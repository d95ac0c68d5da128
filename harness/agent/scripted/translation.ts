import type { Json } from '../../json.ts';
import { toValue } from '../../tools/mcp/surface.ts';
import { everywhere, fieldsIn, type Volatile } from '../../tools/work-recorder.ts';
import type { ScheduledCall } from './schedule.ts';

/** What is another thing each time the servers are started: the trial's own folder, and what a scenario calls `volatile`. */
export type OwnWords = {
  directory: string;
  /** By server and identifier of the tool: where its results name such things. */
  volatile: ReadonlyMap<string, Volatile>;
};

/** A thing that a result named, such as an id, and where it stood. */
export type Named = { place: string; value: string | number };

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
    return this.#translate(call, this.#toOwn, [this.#recordedIn, this.#own.directory]);
  }

  /** What the schedule has where the program asks for this call. */
  toRecorded(call: ScheduledCall): ScheduledCall {
    return this.#translate(call, this.#toRecorded, [this.#own.directory, this.#recordedIn]);
  }

  /** Takes from the result of a call of the schedule how this trial's servers name what that call's result named. */
  learn({ server, tool, names }: ScheduledCall, text: string): void {
    if (!names?.length) return;
    const own = new Map(
      namesIn(text, this.#own.volatile.get(`${server}.${tool}`) ?? []).map(({ place, value }) => [
        place,
        value,
      ]),
    );
    for (const { place, value } of names) {
      const other = own.get(place);
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

  #translate(
    call: ScheduledCall,
    words: ReadonlyMap<string, string>,
    folder: [string, string],
  ): ScheduledCall {
    const [from, to] = folder;
    const inText = (text: string): string => {
      const moved = from === '' || from === to ? text : text.replaceAll(from, to);
      if (words.size === 0) return moved;
      return words.get(moved) ?? moved.replace(wordPattern, (word) => words.get(word) ?? word);
    };
    const change = (value: Json): Json => {
      if (typeof value === 'string') return inText(value);
      if (typeof value === 'number') {
        const other = words.get(String(value));
        return other === undefined ? value : Number(other);
      }
      if (Array.isArray(value)) return value.map(change);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]));
    };
    const args = change(call.args) as ScheduledCall['args'];
    return { ...call, args };
  }
}

const wordPattern = /[\p{L}\p{N}_-]{4,}/gu;

function wordsOf(text: string): string[] {
  return text.match(wordPattern) ?? [];
}
