import type { ClientOptions } from '@anthropic-ai/sdk';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { isRecord } from '../../json.ts';
import type { ModelResponse, Usage } from '../../results/messages.ts';
import type { Clock } from './retry.ts';

/** The signature of the `fetch` that the SDK takes. */
export type Fetch = NonNullable<ClientOptions['fetch']>;

/** No byte arrived for too long. */
export class StalledAnswer extends Error {
  override name = 'StalledAnswer';
  constructor(ms: number) {
    super(`nothing arrived for ${ms} ms`);
  }
}

type WatchOptions = {
  clock: Clock;
  /** The longest wait for the headers, in milliseconds. */
  headersMs: number;
  /** The longest pause between two pieces of the body, in milliseconds. */
  idleMs: number;
};

/**
 * A `fetch` that gives up on a connection that has gone quiet. It watches bytes and not events, because the pings that
 * keep a long answer alive never become events of the SDK. Redirects are not followed, so that a key stays with the
 * address it was meant for.
 */
export function watchFetch(fetch: Fetch, { clock, headersMs, idleMs }: WatchOptions): Fetch {
  return async (url, init) => {
    const giveUp = new AbortController();
    const signals = init?.signal ? [init.signal, giveUp.signal] : [giveUp.signal];
    const quiet = clock.after(headersMs, () => giveUp.abort(new StalledAnswer(headersMs)));
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
      if (!response.body) return response;
      return new Response(watchBody(response.body, clock, idleMs), response);
    } finally {
      quiet();
    }
  };
}

function watchBody(
  body: ReadableStream<Uint8Array>,
  clock: Clock,
  idleMs: number,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const stalled = Promise.withResolvers<never>();
        const cancel = clock.after(idleMs, () => stalled.reject(new StalledAnswer(idleMs)));
        try {
          const { done, value } = await Promise.race([reader.read(), stalled.promise]);
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          // Cancelling closes the connection; that it may fail too changes nothing.
          reader.cancel(error).catch(() => {});
          throw error;
        } finally {
          cancel();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Read only on demand: a chunk that waits in a queue would look like a live connection.
    { highWaterMark: 0 },
  );
}

/** The bytes arrived, but they are not a whole answer of the Messages API. */
export class MalformedAnswer extends Error {
  override name = 'MalformedAnswer';
}

/** The stream ended before the answer did. */
export class CutAnswer extends Error {
  override name = 'CutAnswer';
}

/** Builds one response from the events of a stream. */
type Assembler = {
  /** Throws a `MalformedAnswer` for an event that cannot follow the ones before. */
  add(event: RawMessageStreamEvent): void;
  /** The finished response. Throws a `CutAnswer` where the stream ended too soon. */
  finish(): ModelResponse;
};

type Block = Record<string, unknown> & { type: string };

// A tool input may break off in the middle only where the answer as a whole was stopped.
const stoppedEarly = new Set<unknown>(['max_tokens', 'model_context_window_exceeded', 'refusal']);

/**
 * An assembler that keeps every block exactly as it was sent, signatures included, and is stricter than the SDK's own: the
 * SDK completes a truncated tool input by guessing, which would turn a broken stream into a decision of the model. Where
 * the answer was stopped in the middle of a tool input, the input is the raw text, which no tool's schema accepts.
 */
export function createAssembler(): Assembler {
  let message: Record<string, unknown> | null = null;
  let usage: Record<string, unknown> | null = null;
  let finalCounts = false;
  let stopped = false;
  const blocks: Block[] = [];
  const inputs = new Map<number, string>();

  function add(event: RawMessageStreamEvent): void {
    if (event.type === 'message_start') {
      if (message) throw new MalformedAnswer('a second message_start');
      message = { ...record(event.message, 'message') };
      usage = isRecord(message.usage) ? { ...message.usage } : null;
      return;
    }
    if (!message) throw new MalformedAnswer(`${event.type} before message_start`);
    switch (event.type) {
      case 'content_block_start': {
        if (event.index !== blocks.length) throw new MalformedAnswer(`block ${event.index} out of order`);
        blocks.push({ ...record(event.content_block, 'content_block') } as Block);
        return;
      }
      case 'content_block_delta': {
        const block = blocks[event.index];
        if (!block) throw new MalformedAnswer(`a delta for block ${event.index}, which was not started`);
        addDelta(block, event.index, record(event.delta, 'delta'), inputs);
        return;
      }
      case 'message_delta': {
        Object.assign(message, record(event.delta, 'delta'));
        if (isRecord(event.usage)) {
          const counted = Object.entries(event.usage).filter(([, count]) => count !== null);
          usage = { ...usage, ...Object.fromEntries(counted) };
          finalCounts = 'output_tokens' in event.usage;
        }
        return;
      }
      case 'message_stop':
        stopped = true;
    }
  }

  function finish(): ModelResponse {
    if (!message) throw new CutAnswer('the stream ended before it said anything');
    if (!stopped) throw new CutAnswer('the stream ended before message_stop');
    const stopReason = message.stop_reason;
    const early = stoppedEarly.has(stopReason);
    for (const [index, text] of inputs) {
      const block = blocks[index];
      if (block) block.input = parseInput(text, early);
    }
    // Without the final counts the output count is the one of the first token.
    const counts = finalCounts ? knownUsage(usage) : null;
    return checkMessage({ ...message, content: blocks, usage: counts });
  }

  return { add, finish };
}

/** A response that came as one JSON body. Throws a `MalformedAnswer` where it is not a message. */
export function responseOfBody(body: unknown): ModelResponse {
  const message = record(body, 'body');
  return checkMessage({ ...message, usage: knownUsage(message.usage) });
}

function addDelta(
  block: Block,
  index: number,
  delta: Record<string, unknown>,
  inputs: Map<number, string>,
): void {
  const pairs: Record<string, () => void> = {
    text_delta: () => append(block, 'text', delta.text),
    thinking_delta: () => append(block, 'thinking', delta.thinking),
    signature_delta: () => {
      block.signature = delta.signature;
    },
    citations_delta: () => {
      block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation];
    },
    input_json_delta: () => {
      if (typeof delta.partial_json !== 'string') throw new MalformedAnswer('a tool input that is not text');
      inputs.set(index, (inputs.get(index) ?? '') + delta.partial_json);
    },
  };
  const apply = typeof delta.type === 'string' && Object.hasOwn(pairs, delta.type) && pairs[delta.type];
  if (!apply) throw new MalformedAnswer(`a delta of the unknown type ${JSON.stringify(delta.type)}`);
  apply();
}

function append(block: Block, name: 'text' | 'thinking', part: unknown): void {
  if (block.type !== name || typeof part !== 'string') {
    throw new MalformedAnswer(`a ${name} delta for a block of type ${block.type}`);
  }
  block[name] = `${typeof block[name] === 'string' ? block[name] : ''}${part}`;
}

function parseInput(text: string, early: boolean): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    if (early) return text;
    throw new MalformedAnswer(`a tool input that is not JSON: ${text.slice(0, 80)}`);
  }
}

/** The boundary: from here on the response is trusted to have the shape that the API documents. */
function checkMessage(message: Record<string, unknown>): ModelResponse {
  const blocks = message.content;
  if (message.type !== 'message' || message.role !== 'assistant') throw new MalformedAnswer('no message');
  if (typeof message.model !== 'string') throw new MalformedAnswer('no model');
  if (typeof message.stop_reason !== 'string') throw new MalformedAnswer('no stop_reason');
  if (!Array.isArray(blocks) || !blocks.every((block) => isRecord(block) && typeof block.type === 'string')) {
    throw new MalformedAnswer('no list of content blocks');
  }
  for (const block of blocks) {
    if (block.type === 'text' && typeof block.text !== 'string')
      throw new MalformedAnswer('a text block without text');
    if (block.type === 'tool_use' && (typeof block.id !== 'string' || typeof block.name !== 'string')) {
      throw new MalformedAnswer('a tool_use block without id or name');
    }
  }
  return message as unknown as ModelResponse;
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (!isRecord(value)) throw new MalformedAnswer(`${name} is not an object`);
  return value;
}

const optionalCounts = ['cache_creation_input_tokens', 'cache_read_input_tokens'] as const;

/**
 * The provider's token counts, or null where it did not count. Counts that cannot be true are treated as missing, because
 * some servers write zeros where they do not count: no request has an empty prompt, and the API documents a non-zero
 * output count even for an empty answer.
 */
function knownUsage(raw: unknown): Usage | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const counts = raw as Record<string, unknown>;
  const { input_tokens: input, output_tokens: output } = counts;
  if (!isCount(input) || !isCount(output)) return null;
  let prompt = input;
  for (const name of optionalCounts) {
    const count = counts[name] ?? 0;
    if (!isCount(count)) return null;
    prompt += count;
  }
  if (prompt === 0 || output === 0) return null;
  return { ...unreported, ...counts, input_tokens: input, output_tokens: output };
}

/** What compatible servers leave out. Null is the API's own word for it. */
const unreported = {
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  inference_geo: null,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: null,
  speed: null,
} satisfies Partial<Usage>;

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
