import { createHash } from 'node:crypto';
import { canonicalJson } from '../../mock-servers/canonical-json.ts';
import type { MessageParam, ModelRequest } from './model.ts';

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
export function breakpointsOf({ tools = [], system, messages }: ModelRequest): Breakpoint[] {
  const found = [...marksOf(tools, 'tools')];
  if (Array.isArray(system)) found.push(...marksOf(system, 'system'));
  for (const [i, { content }] of messages.entries()) {
    if (Array.isArray(content) && content.some(markOf))
      found.push(...marksOf(content, `messages[${i}].content`));
  }
  return found;
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
export type RequestKey = {
  key: string;
  /** Leading messages in common. */
  shared: number;
  /** Whether everything but messages and breakpoints is the same. */
  sameFields: boolean;
};

/**
 * Keys the requests of one trial: SHA-256 over the canonical request. Cache breakpoints are part of the key, because they
 * decide what was billed, and a recording's usage must be that of the request it answers; they are hashed apart from the
 * blocks, because they move through a history that otherwise only grows.
 *
 * Only what is new is written out and hashed: message objects that were already in the previous request are recognised by
 * identity, which compares each block of the history once a request and reads none. So a message must not be changed after it
 * was sent, except for breakpoints on its blocks.
 */
export function createRequestKeyer(): (request: ModelRequest) => RequestKey {
  const seen: Seen[] = [];
  let frame: { parts: readonly unknown[]; digest: string } = { parts: [], digest: '' };
  let fieldsBefore = '';

  return (request) => {
    const { messages } = request;
    let shared = 0;
    while (isUnchanged(seen[shared], messages[shared])) shared++;
    const replaced = seen.splice(shared);
    for (const message of messages.slice(shared)) {
      const text = canonicalJson(messageWithoutBreakpoints(message));
      const parts = typeof message.content === 'string' ? message.content : [...message.content];
      seen.push({ message, parts, chain: sha256(`${seen.at(-1)?.chain ?? ''}${text}`) });
    }
    // Other objects with the same content, such as a message that lost its breakpoint, are still the same history.
    for (const { chain } of replaced) {
      if (seen[shared]?.chain !== chain) break;
      shared++;
    }

    // Tools and instructions are most of a short request, and the same objects every time.
    const parts = [...(request.tools ?? []), request.system];
    if (!sameParts(frame.parts, parts)) frame = { parts, digest: sha256(canonicalJson(frameOf(request))) };
    const fields = sha256(canonicalJson({ params: paramsOf(request), frame: frame.digest }));
    const sameFields = fields === fieldsBefore;
    fieldsBefore = fields;
    const breakpoints = breakpointsOf(request);
    const key = sha256(canonicalJson({ fields, messages: seen.at(-1)?.chain, breakpoints }));
    return { key, shared, sameFields };
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
