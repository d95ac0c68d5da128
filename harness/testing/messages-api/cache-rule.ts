import { createHash } from 'node:crypto';
import { type Fields, isFields, messagesOf } from './request.ts';

/** Token counts as the API reports them. */
type ComputedUsage = {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  output_tokens: number;
};

/** Counts requests by a rule that a test can follow by hand. */
type UsageCounter = { count(body: Fields, answer: readonly unknown[]): ComputedUsage };

/** How far before a breakpoint the API looks for a cached prefix, in blocks. */
const lookback = 20;

type Part = { tokens: number; prefix: string; ttl: '5m' | '1h' | null };

/**
 * The declared rule: every tool, system block and message block has one token per four characters of its JSON without
 * `cache_control`, rounded up. A prefix that ends at a breakpoint and has at least `minPrefixTokens` is cached; the longest
 * prefix cached before, at a breakpoint or up to twenty blocks before one, is read, and the rest up to the last breakpoint
 * is written. Prompt order is tools, system, messages; the tool choice belongs to the messages. Nothing expires.
 */
export function createUsageCounter(minPrefixTokens = 0): UsageCounter {
  const cached = new Map<string, number>();

  return {
    count(body, answer) {
      const parts = partsOf(body);
      const upTo = (end: number) => parts.slice(0, end + 1).reduce((sum, { tokens }) => sum + tokens, 0);
      const breakpoints = parts.flatMap(({ ttl }, i) => (ttl && upTo(i) >= minPrefixTokens ? [i] : []));
      let read = 0;
      for (const at of breakpoints) {
        for (let i = at; i >= Math.max(0, at - lookback); i--) {
          const tokens = cached.get(parts[i]?.prefix ?? '');
          if (tokens !== undefined) {
            read = Math.max(read, tokens);
            break;
          }
        }
      }
      const written = { '5m': 0, '1h': 0 };
      let done = read;
      for (const at of breakpoints) {
        const part = parts[at];
        if (!part?.ttl) continue;
        const tokens = upTo(at);
        written[part.ttl] += Math.max(0, tokens - done);
        done = Math.max(done, tokens);
        cached.set(part.prefix, tokens);
      }
      return {
        input_tokens: upTo(parts.length - 1) - done,
        cache_creation_input_tokens: written['5m'] + written['1h'],
        cache_read_input_tokens: read,
        cache_creation: {
          ephemeral_5m_input_tokens: written['5m'],
          ephemeral_1h_input_tokens: written['1h'],
        },
        output_tokens: Math.max(
          1,
          answer.reduce<number>((sum, block) => sum + tokensOf(block), 0),
        ),
      };
    },
  };
}

/** Tokens of a request by the declared rule, which is what it has as input. */
export function countInput(body: Fields): number {
  return partsOf(body).reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Tokens of one block by the declared rule. */
export function tokensOf(block: unknown): number {
  return Math.ceil(JSON.stringify(withoutMark(block)).length / 4);
}

function partsOf(body: Fields): Part[] {
  const items: unknown[] = [...list(body.tools), ...textBlocks(body.system)];
  const frame = items.length;
  for (const { role, blocks } of messagesOf(body)) items.push(...blocks.map((block) => ({ role, block })));
  const automatic = isFields(body.cache_control) ? ttlOf(body) : null;
  let chain = String(body.model);
  return items.map((item, i) => {
    const inMessage = i >= frame;
    const block = inMessage ? (item as { block: unknown }).block : item;
    const role = inMessage
      ? `${(item as { role: string }).role} ${JSON.stringify(body.tool_choice ?? null)}`
      : '';
    chain = createHash('sha256')
      .update(`${chain}${role}${JSON.stringify(withoutMark(block))}`)
      .digest('hex');
    const ttl = ttlOf(block) ?? (i === items.length - 1 ? automatic : null);
    return { tokens: tokensOf(block), prefix: chain, ttl };
  });
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textBlocks(system: unknown): unknown[] {
  return typeof system === 'string' ? [{ type: 'text', text: system }] : list(system);
}

function ttlOf(block: unknown): '5m' | '1h' | null {
  if (!isFields(block) || !isFields(block.cache_control)) return null;
  return block.cache_control.ttl === '1h' ? '1h' : '5m';
}

function withoutMark(block: unknown): unknown {
  if (!isFields(block)) return block;
  const { cache_control: _, ...rest } = block;
  return rest;
}
