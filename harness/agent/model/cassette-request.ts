import { hash } from 'node:crypto';
import { InfrastructureError } from '../../errors.ts';
import { canonicalJson, isRecord } from '../../json.ts';
import type { MessageParam, ModelRequest } from '../../results/messages.ts';
import type { ExchangeLine } from './cassette-file.ts';
import type { Hiding } from './cassette-secrets.ts';

/** A cache breakpoint, held apart from the block that carries it. */
type Breakpoint = ExchangeLine['request']['breakpoints'][number];

/**
 * The request without its messages and cache breakpoints. `stream` is left out: how an answer is carried decides nothing.
 */
export function fieldsOf(request: ModelRequest): Record<string, unknown> {
  return { ...paramsOf(request), ...frameOf(request) };
}

/** A message without cache breakpoints on its blocks. */
export function messageWithoutBreakpoints(message: MessageParam): MessageParam {
  if (typeof message.content === 'string') return message;
  return { ...message, content: message.content.map(withoutBreakpoint) } as MessageParam;
}

/** All cache breakpoints of a request on tools, system blocks and message blocks, in prompt order. */
export function breakpointsOf(request: ModelRequest): Breakpoint[] {
  return [...marksOfFrame(request), ...request.messages.flatMap(marksOfMessage)];
}

function marksOfFrame({ tools = [], system }: ModelRequest): Breakpoint[] {
  return [...marksOf(tools, 'tools'), ...(Array.isArray(system) ? marksOf(system, 'system') : [])];
}

function marksOfMessage({ content }: MessageParam, index: number): Breakpoint[] {
  return typeof content === 'string' ? [] : marksOf(content, `messages[${index}].content`);
}

function marksOf(blocks: readonly object[], path: string): Breakpoint[] {
  return blocks.flatMap((block: { cache_control?: unknown }, i) =>
    block.cache_control ? [{ at: `${path}[${i}]`, value: block.cache_control }] : [],
  );
}

/** The key of one request, and how it relates to the request keyed before it. */
export type RequestKey = ReturnType<ReturnType<typeof createRequestKeyer>>;

/**
 * Keys the requests of one trial: SHA-256 over the canonical request as it is written, without secrets. Cache breakpoints
 * are part of the key: they decide what was billed, and a recording's usage must be that of the request it answers. They
 * are hashed apart from the blocks, because they move through a history that otherwise only grows.
 *
 * Only what is new is read, so that all requests of a trial cost what its last history costs. The loop of the patterns keeps
 * the contract that this needs: a history grows at its end, and what was sent only loses breakpoints. Where the last known
 * message is another one or has grown, the whole history is compared again.
 */
export function createRequestKeyer(hide: Hiding['hide']) {
  const seen: Seen[] = [];
  let frame: { parts: readonly unknown[]; digest: string } = { parts: [], digest: '' };
  let fieldsBefore = '';
  /** Places of the messages with breakpoints. */
  let marked: number[] = [];

  return (request: ModelRequest) => {
    const { messages } = request;
    let shared = seen.length;
    if (shared > 0 && !isUnchanged(seen[shared - 1], messages[shared - 1])) {
      shared = 0;
      while (isUnchanged(seen[shared], messages[shared])) shared++;
      marked = Array.from({ length: shared }, (_, i) => i);
    }
    const replaced = seen.splice(shared);
    for (let i = shared; i < messages.length; i++) {
      const message = messages[i] as MessageParam;
      const text = canonicalJson(hide(messageWithoutBreakpoints(message)));
      const parts = typeof message.content === 'string' ? message.content : [...message.content];
      seen.push({ message, parts, chain: hash('sha256', `${seen.at(-1)?.chain ?? ''}${text}`) });
      marked.push(i);
    }
    const marks = marked.map((i) => marksOfMessage(messages[i] as MessageParam, i));
    marked = marked.filter((_, at) => marks[at]?.length);
    // Other objects with the same content, such as a message that lost its breakpoint, are still the same history.
    for (const { chain } of replaced) {
      if (seen[shared]?.chain !== chain) break;
      shared++;
    }

    // Tools and instructions are most of a short request, and the same objects every time.
    const parts = [...(request.tools ?? []), request.system];
    if (!sameParts(frame.parts, parts))
      frame = { parts, digest: hash('sha256', canonicalJson(hide(frameOf(request)))) };
    const fields = hash('sha256', canonicalJson({ params: hide(paramsOf(request)), frame: frame.digest }));
    const sameFields = fields === fieldsBefore;
    fieldsBefore = fields;
    const breakpoints = [...marksOfFrame(request), ...marks.flat()];
    const key = hash('sha256', canonicalJson({ fields, messages: seen.at(-1)?.chain, breakpoints }));
    return {
      key,
      /** Leading messages in common. */
      shared,
      /** Whether everything but messages and breakpoints is the same. */
      sameFields,
      /** Those of `breakpointsOf`. */
      breakpoints,
    };
  };
}

/** A message as it was read; `parts` is a copy, because a list of blocks can grow in place. */
type Seen = { message: MessageParam; parts: string | readonly unknown[]; chain: string };

function isUnchanged(before: Seen | undefined, now: MessageParam | undefined): boolean {
  if (before === undefined || before.message !== now) return false;
  const { content } = now;
  if (typeof before.parts === 'string' || typeof content === 'string') return before.parts === content;
  return sameParts(before.parts, content);
}

function sameParts(before: readonly unknown[], now: readonly unknown[]): boolean {
  return before.length === now.length && before.every((part, i) => part === now[i]);
}

function paramsOf(request: ModelRequest): Record<string, unknown> {
  const { messages: _messages, stream: _stream, system: _system, tools: _tools, ...params } = request;
  return params;
}

function frameOf({ system, tools }: ModelRequest): Record<string, unknown> {
  return {
    ...(system !== undefined && {
      system: typeof system === 'string' ? system : system.map(withoutBreakpoint),
    }),
    ...(tools !== undefined && { tools: tools.map(withoutBreakpoint) }),
  };
}

export function withoutBreakpoint<T extends object>(block: T): T {
  const { cache_control: _, ...rest } = block as T & { cache_control?: unknown };
  return rest as T;
}

/** A request as it was recorded, put together again. */
export type RecordedRequest = {
  fields: Record<string, unknown>;
  messages: unknown[];
  breakpoints: Breakpoint[];
};

/** Where exchanges are found by what was asked. */
type Library = {
  /** All exchanges with this request, whoever asked. */
  withKey(key: string): readonly ExchangeLine[];
  /** All exchanges whose request extends that of `base`; with null, those that stand alone. */
  following(base: string | null): readonly ExchangeLine[];
  /** The whole request behind a key that is in the library. */
  restore(key: string): RecordedRequest;
};

/** A request that a strict cassette does not hold. */
export class CassetteMiss extends InfrastructureError {
  override name = 'CassetteMiss';
  /** Where the nearest recorded request differs first; null where nothing comparable was recorded. */
  readonly difference: Difference | null;
  /** Whether the first difference is in the result of a tool: the tool answered otherwise than when it was recorded. */
  readonly toolResultDiffers: boolean;
  /** Round trips of this trial that were replayed before. */
  readonly replayedBefore: number;

  constructor(message: string, asked: ModelRequest, place: MissPlace, difference: Difference | null = null) {
    super(
      `Round trip ${place.replayedBefore + 1} of repeat ${place.repeat} is not in the cassette ${place.file}. ${message}`,
    );
    this.difference = difference;
    this.toolResultDiffers = difference !== null && isToolResult(asked, difference.path);
    this.replayedBefore = place.replayedBefore;
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
  const { repeat, ask } = place;
  const same = library.withKey(place.key);
  if (same.length > 0) {
    const tell = (line: { repeat: number; ask: number }) =>
      line.ask > 0 ? `${line.repeat} (time ${line.ask + 1})` : `${line.repeat}`;
    const message = `The same request was recorded for repeat ${same.map(tell).join(', ')}, not for repeat ${tell({ repeat, ask })}. Record as many trials as are replayed.`;
    return new CassetteMiss(message, request, place);
  }
  const nearest = nearestTo(comparable(request, hide), place, library);
  if (!nearest) {
    const message = 'Nothing comparable was recorded. Record it: --cassettes record.';
    return new CassetteMiss(message, request, place);
  }
  const { path, recorded, asked } = nearest.difference;
  const message = `The nearest recorded request (repeat ${nearest.repeat}, ${nearest.key.slice(0, 12)}) differs first at ${path}: recorded ${recorded}, asked ${asked}. If the change is meant, record again: --cassettes record.`;
  return new CassetteMiss(message, request, place, nearest.difference);
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
  const differs = recorded.findIndex((message, i) => i >= asked.length || firstDifference(message, asked[i]));
  return differs < 0 ? recorded.length : differs;
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
