import { InfrastructureError } from '../../errors.ts';
import { isRecord } from '../../json.ts';
import type { ModelRequest } from '../../results/messages.ts';
import type { ExchangeLine } from './cassette-file.ts';
import { breakpointsOf, fieldsOf, messageWithoutBreakpoints } from './cassette-key.ts';
import type { Hiding } from './cassette-secrets.ts';

/** A recorded exchange that no request asked for. */
export type UnusedExchange = { key: string; repeat: number; ask: number };

/** A request as it was recorded, put together again. */
type RecordedRequest = {
  fields: Record<string, unknown>;
  messages: unknown[];
  breakpoints: { at: string; value: unknown }[];
};

/** The exchanges of one cassette, found by what was asked. */
type Library = {
  add(line: ExchangeLine): void;
  /** The exchange of one request in one repeat; marks it as used. */
  take(key: string, repeat: number, ask: number): ExchangeLine | undefined;
  /** All exchanges with this request, whoever asked. */
  withKey(key: string): ExchangeLine[];
  /** All exchanges whose request extends that of `base`; with null, those that stand alone. */
  following(base: string | null): ExchangeLine[];
  /** The whole request behind a key that is in the library. */
  restore(key: string): RecordedRequest;
  unused(): UnusedExchange[];
};

/** A library of the given exchanges. A later exchange takes the place of an earlier one with the same key, repeat and ask. */
export function createLibrary(lines: readonly ExchangeLine[]): Library {
  const byPlace = new Map<string, ExchangeLine>();
  const byKey = new Map<string, ExchangeLine[]>();
  const byBase = new Map<string | null, ExchangeLine[]>();
  const used = new Set<string>();

  const placeOf = (key: string, repeat: number, ask: number) => `${key}:${repeat}:${ask}`;

  function add(line: ExchangeLine): void {
    byPlace.set(placeOf(line.key, line.repeat, line.ask), line);
    collect(byKey, line.key, line);
    collect(byBase, line.request.base, line);
  }
  for (const line of lines) add(line);

  function restore(key: string): RecordedRequest {
    const steps: ExchangeLine['request'][] = [];
    for (let at: string | null = key; at !== null; ) {
      const request: ExchangeLine['request'] | undefined = byKey.get(at)?.[0]?.request;
      // A chain longer than the library goes round in circles: somebody edited the file.
      if (!request || steps.length > byKey.size) throw new Error(`The request ${at} is not in the cassette.`);
      steps.push(request);
      at = request.base;
    }
    const restored: RecordedRequest = { fields: {}, messages: [], breakpoints: [] };
    for (const step of steps.reverse()) {
      if (step.fields) restored.fields = step.fields;
      restored.messages.length = Math.min(step.keep, restored.messages.length);
      restored.messages.push(...step.messages);
      restored.breakpoints = step.breakpoints;
    }
    return restored;
  }

  return {
    add,
    restore,
    take(key, repeat, ask) {
      const place = placeOf(key, repeat, ask);
      const line = byPlace.get(place);
      if (line) used.add(place);
      return line;
    },
    withKey: (key) => byKey.get(key) ?? [],
    following: (base) => byBase.get(base) ?? [],
    unused: () =>
      [...byPlace]
        .filter(([place]) => !used.has(place))
        .map(([, { key, repeat, ask }]) => ({ key, repeat, ask })),
  };
}

function collect(map: Map<string | null, ExchangeLine[]>, key: string | null, line: ExchangeLine): void;
function collect(map: Map<string, ExchangeLine[]>, key: string, line: ExchangeLine): void;
function collect<K>(map: Map<K, ExchangeLine[]>, key: K, line: ExchangeLine): void {
  const list = map.get(key);
  if (list) list.push(line);
  else map.set(key, [line]);
}

/** A request that a strict cassette does not hold. */
export class CassetteMiss extends InfrastructureError {
  override name = 'CassetteMiss';
  /** Where the nearest recorded request differs first; null where nothing comparable was recorded. */
  readonly difference: Difference | null;
  /** Whether the first difference is in the result of a tool: the tool answered otherwise than when it was recorded. */
  readonly toolResultDiffers: boolean;
  /** Round trips of this trial that were replayed before. */
  readonly replayedBefore: number;

  constructor(
    message: string,
    known: { difference: Difference | null; toolResultDiffers: boolean; replayedBefore: number },
  ) {
    super(message);
    this.difference = known.difference;
    this.toolResultDiffers = known.toolResultDiffers;
    this.replayedBefore = known.replayedBefore;
  }
}

/** Where a trial was when it asked for something that is not in the cassette. */
type MissPlace = {
  file: string;
  key: string;
  repeat: number;
  ask: number;
  /** Key of the request before this one in the same trial; null at its beginning. */
  previous: string | null;
  replayedBefore: number;
};

/** Comparing means putting requests together again; this many are enough to find the one that was meant. */
const mostCandidates = 50;

/** The error for a request that is not in the library, with the nearest one that is; both as they are written. */
export function missOf(
  request: ModelRequest,
  place: MissPlace,
  library: Library,
  hide: Hiding['hide'],
): CassetteMiss {
  const where = `Round trip ${place.replayedBefore + 1} of repeat ${place.repeat} is not in the cassette ${place.file}.`;
  const same = library.withKey(place.key);
  if (same.length > 0) {
    const asked = same
      .map(({ repeat, ask }) => (ask > 0 ? `${repeat} (time ${ask + 1})` : `${repeat}`))
      .join(', ');
    const message = `${where} The same request was recorded for repeat ${asked}, not for repeat ${place.repeat}${place.ask > 0 ? ` (time ${place.ask + 1})` : ''}. Record as many trials as are replayed.`;
    return new CassetteMiss(message, {
      difference: null,
      toolResultDiffers: false,
      replayedBefore: place.replayedBefore,
    });
  }
  const nearest = nearestTo(comparable(request, hide), place, library);
  if (!nearest) {
    const message = `${where} Nothing comparable was recorded. Record it: --cassettes record.`;
    return new CassetteMiss(message, {
      difference: null,
      toolResultDiffers: false,
      replayedBefore: place.replayedBefore,
    });
  }
  const { difference } = nearest;
  const message = `${where} The nearest recorded request (repeat ${nearest.repeat}, ${nearest.key.slice(0, 12)}) differs first at ${difference.path}: recorded ${difference.recorded}, asked ${difference.asked}. If the change is meant, record again: --cassettes record.`;
  return new CassetteMiss(message, {
    difference,
    toolResultDiffers: isToolResult(request, difference.path),
    replayedBefore: place.replayedBefore,
  });
}

type Nearest = { key: string; repeat: number; difference: Difference };

/**
 * The recorded request that shares the most with the asked one. Those that followed the same previous request come first:
 * a trial that left its recording is compared with the step where it left.
 */
function nearestTo(asked: Comparable, place: MissPlace, library: Library): Nearest | null {
  const following = place.previous === null ? [] : library.following(place.previous);
  const candidates = following.length > 0 ? following : library.following(null);
  let best: (Nearest & { score: number }) | null = null;
  for (const line of candidates.slice(0, mostCandidates)) {
    const recorded = ordered(library.restore(line.key));
    const difference = firstDifference(recorded, asked);
    if (!difference) continue;
    const score =
      sharedMessages(recorded.messages, asked.messages) + (line.repeat === place.repeat ? 0.5 : 0);
    if (!best || score > best.score) best = { key: line.key, repeat: line.repeat, difference, score };
  }
  return best;
}

type Comparable = Record<string, unknown> & { messages: unknown[] };

function comparable(request: ModelRequest, hide: Hiding['hide']): Comparable {
  return ordered({
    fields: hide(fieldsOf(request)),
    messages: hide(request.messages.map(messageWithoutBreakpoints)),
    breakpoints: breakpointsOf(request),
  });
}

// Messages after the fields and breakpoints last: with other tools or another prompt, the messages differ as a consequence.
function ordered({ fields, messages, breakpoints }: RecordedRequest): Comparable {
  const marks = breakpoints.map(({ at, value }) => [at, value]);
  return { ...fields, messages, cache_control: Object.fromEntries(marks) };
}

function sharedMessages(recorded: readonly unknown[], asked: readonly unknown[]): number {
  let shared = 0;
  while (
    shared < recorded.length &&
    shared < asked.length &&
    !firstDifference(recorded[shared], asked[shared])
  ) {
    shared++;
  }
  return shared;
}

function isToolResult(request: ModelRequest, path: string): boolean {
  const place = /^messages\[(\d+)\]\.content\[(\d+)\]/.exec(path);
  if (!place) return false;
  const content = request.messages[Number(place[1])]?.content;
  const block = Array.isArray(content) ? content[Number(place[2])] : undefined;
  return block?.type === 'tool_result';
}

/** The first place where two values differ, with both sides shortened for people. */
type Difference = { path: string; recorded: string; asked: string };

/** Depth-first in the order of `first`, then of the properties that only `second` has. Null where they are equal. */
export function firstDifference(recorded: unknown, asked: unknown, path = ''): Difference | null {
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    const length = Math.max(recorded.length, asked.length);
    for (let i = 0; i < length; i++) {
      const found = firstDifference(recorded[i], asked[i], `${path}[${i}]`);
      if (found) return found;
    }
    return null;
  }
  if (isRecord(recorded) && isRecord(asked)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(asked)])) {
      const found = firstDifference(recorded[name], asked[name], path ? `${path}.${name}` : name);
      if (found) return found;
    }
    return null;
  }
  if (Object.is(recorded, asked)) return null;
  if (typeof recorded === 'string' && typeof asked === 'string') {
    const at = firstDifferentCharacter(recorded, asked);
    return { path, recorded: around(recorded, at), asked: around(asked, at) };
  }
  return { path, recorded: shorten(recorded), asked: shorten(asked) };
}

const leadCharacters = 20;
const shownCharacters = 100;

/** The text near a position, so that a difference deep inside a long tool result can be seen. */
function around(text: string, at: number): string {
  const start = Math.max(0, at - leadCharacters);
  const end = start + shownCharacters;
  const shown = JSON.stringify(text.slice(start, end));
  return `${start > 0 ? '…' : ''}${shown}${end < text.length ? '…' : ''}`;
}

function shorten(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

function firstDifferentCharacter(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}
