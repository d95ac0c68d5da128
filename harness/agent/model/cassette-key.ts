import { createHash } from 'node:crypto';
import { canonicalJson } from '../../json.ts';
import type { MessageParam, ModelRequest } from '../../results/messages.ts';
import type { Hiding } from './cassette-secrets.ts';

/** A cache breakpoint, held apart from the block that carries it. */
export type Breakpoint = { at: string; value: unknown };

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
  return blocks.flatMap((block, i) => {
    const value = markOf(block);
    return value ? [{ at: `${path}[${i}]`, value }] : [];
  });
}

function markOf(block: object): unknown {
  return (block as { cache_control?: unknown }).cache_control;
}

/** The key of one request, and how it relates to the request keyed before it. */
type RequestKey = {
  key: string;
  /** Leading messages in common. */
  shared: number;
  /** Whether everything but messages and breakpoints is the same. */
  sameFields: boolean;
  /** Those of `breakpointsOf`. */
  breakpoints: Breakpoint[];
};

/**
 * Keys the requests of one trial: SHA-256 over the canonical request as it is written, without secrets. Cache breakpoints
 * are part of the key: they decide what was billed, and a recording's usage must be that of the request it answers. They
 * are hashed apart from the blocks, because they move through a history that otherwise only grows.
 *
 * Only what is new is read, so that all requests of a trial cost what its last history costs. The loop of the patterns keeps
 * the contract that this needs: a history grows at its end, and what was sent only loses breakpoints. Where the last known
 * message is another one or has grown, the whole history is compared again.
 */
export function createRequestKeyer(
  hide: Hiding['hide'] = (value) => value,
): (request: ModelRequest) => RequestKey {
  const seen: Seen[] = [];
  let frame: { parts: readonly unknown[]; digest: string } = { parts: [], digest: '' };
  let fieldsBefore = '';
  /** Places of the messages with breakpoints. */
  let marked: number[] = [];

  return (request) => {
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
      seen.push({ message, parts, chain: sha256(`${seen.at(-1)?.chain ?? ''}${text}`) });
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
      frame = { parts, digest: sha256(canonicalJson(hide(frameOf(request)))) };
    const fields = sha256(canonicalJson({ params: hide(paramsOf(request)), frame: frame.digest }));
    const sameFields = fields === fieldsBefore;
    fieldsBefore = fields;
    const breakpoints = [...marksOfFrame(request), ...marks.flat()];
    const key = sha256(canonicalJson({ fields, messages: seen.at(-1)?.chain, breakpoints }));
    return { key, shared, sameFields, breakpoints };
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

function withoutBreakpoint<T extends object>(block: T): T {
  const { cache_control: _, ...rest } = block as T & { cache_control?: unknown };
  return rest as T;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
