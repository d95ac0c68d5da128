import type { ClientOptions } from '@anthropic-ai/sdk';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { isRecord } from '../../json.ts';
import type { ModelResponse, Usage } from '../../results/messages.ts';
import type { TransportFault } from './anthropic-exchange.ts';

/** The signature of the `fetch` that the SDK takes. */
export type Fetch = NonNullable<ClientOptions['fetch']>;

/** What arrived is no whole answer. */
export class BrokenAnswer extends Error {
  override name = 'BrokenAnswer';
  readonly kind: TransportFault;

  constructor(kind: TransportFault, message: string) {
    super(message);
    this.kind = kind;
  }
}

function malformed(message: string): BrokenAnswer {
  return new BrokenAnswer('malformed', message);
}

function stalledFor(ms: number): BrokenAnswer {
  return new BrokenAnswer('stalled', `nothing arrived for ${ms} ms`);
}

/**
 * A `fetch` that gives up on a connection that has gone quiet for so many milliseconds. It watches bytes and not events, because
 * the pings that keep a long answer alive never become events of the SDK. Redirects are not followed, so that a key stays with
 * the address it was meant for.
 */
export function watchFetch(fetch: Fetch, idleMs: number): Fetch {
  return async (url, init) => {
    const giveUp = new AbortController();
    const signals = init?.signal ? [init.signal, giveUp.signal] : [giveUp.signal];
    const quiet = setTimeout(() => giveUp.abort(stalledFor(idleMs)), idleMs);
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
      if (!response.body) return response;
      return new Response(watchBody(response.body, idleMs), response);
    } finally {
      clearTimeout(quiet);
    }
  };
}

function watchBody(body: ReadableStream<Uint8Array>, idleMs: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const stalled = Promise.withResolvers<never>();
        const quiet = setTimeout(() => stalled.reject(stalledFor(idleMs)), idleMs);
        try {
          const { done, value } = await Promise.race([reader.read(), stalled.promise]);
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          // Cancelling closes the connection; that it may fail too changes nothing.
          reader.cancel(error).catch(() => {});
          throw error;
        } finally {
          clearTimeout(quiet);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Read only on demand: a chunk that waits in a queue would look like a live connection.
    { highWaterMark: 0 },
  );
}

type Block = Record<string, unknown> & { type: string };

// A tool input may break off in the middle only where the answer as a whole was stopped.
const stoppedEarly = new Set<unknown>(['max_tokens', 'model_context_window_exceeded', 'refusal']);

/**
 * Builds one response from the events of a stream. `add` throws for an event that cannot follow the ones before, and `finish`
 * where the stream ended too soon. It keeps every block exactly as it was sent, signatures included, and is stricter than the
 * SDK's own: the SDK completes a truncated tool input by guessing, which would turn a broken stream into a decision of the
 * model. Where the answer was stopped in the middle of a tool input, the input is the raw text, which no tool's schema accepts.
 */
export function createAssembler() {
  let message: Record<string, unknown> | null = null;
  let usage: Record<string, unknown> | null = null;
  let finalCounts = false;
  let stopped = false;
  const blocks: Block[] = [];
  const inputs = new Map<number, string>();

  function add(event: RawMessageStreamEvent): void {
    if (event.type === 'message_start') {
      if (message) throw malformed('a second message_start');
      message = { ...record(event.message, 'message') };
      usage = isRecord(message.usage) ? { ...message.usage } : null;
      return;
    }
    if (!message) throw malformed(`${event.type} before message_start`);
    switch (event.type) {
      case 'content_block_start': {
        if (event.index !== blocks.length) throw malformed(`block ${event.index} out of order`);
        blocks.push({ ...record(event.content_block, 'content_block') } as Block);
        return;
      }
      case 'content_block_delta': {
        const block = blocks[event.index];
        if (!block) throw malformed(`a delta for block ${event.index}, which was not started`);
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
    if (!message) throw new BrokenAnswer('cut', 'the stream ended before it said anything');
    if (!stopped) throw new BrokenAnswer('cut', 'the stream ended before message_stop');
    const early = stoppedEarly.has(message.stop_reason);
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

function addDelta(
  block: Block,
  index: number,
  delta: Record<string, unknown>,
  inputs: Map<number, string>,
): void {
  switch (delta.type) {
    case 'text_delta':
      append(block, 'text', delta.text);
      return;
    case 'thinking_delta':
      append(block, 'thinking', delta.thinking);
      return;
    case 'signature_delta':
      block.signature = delta.signature;
      return;
    case 'citations_delta':
      block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation];
      return;
    case 'input_json_delta':
      if (typeof delta.partial_json !== 'string') throw malformed('a tool input that is not text');
      inputs.set(index, (inputs.get(index) ?? '') + delta.partial_json);
      return;
  }
  throw malformed(`a delta of the unknown type ${JSON.stringify(delta.type)}`);
}

function append(block: Block, name: 'text' | 'thinking', part: unknown): void {
  if (block.type !== name || typeof part !== 'string') {
    throw malformed(`a ${name} delta for a block of type ${block.type}`);
  }
  block[name] = `${typeof block[name] === 'string' ? block[name] : ''}${part}`;
}

function parseInput(text: string, early: boolean): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    if (early) return text;
    throw malformed(`a tool input that is not JSON: ${text.slice(0, 80)}`);
  }
}

/** The boundary: from here on the response is trusted to have the shape that the API documents. */
function checkMessage(message: Record<string, unknown>): ModelResponse {
  const blocks = message.content;
  if (message.type !== 'message' || message.role !== 'assistant') throw malformed('no message');
  if (typeof message.model !== 'string') throw malformed('no model');
  if (typeof message.stop_reason !== 'string') throw malformed('no stop_reason');
  if (!Array.isArray(blocks) || !blocks.every((block) => isRecord(block) && typeof block.type === 'string')) {
    throw malformed('no list of content blocks');
  }
  for (const block of blocks) {
    if (block.type === 'text' && typeof block.text !== 'string') throw malformed('a text block without text');
    if (block.type === 'tool_use' && (typeof block.id !== 'string' || typeof block.name !== 'string')) {
      throw malformed('a tool_use block without id or name');
    }
  }
  return message as unknown as ModelResponse;
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (!isRecord(value)) throw malformed(`${name} is not an object`);
  return value;
}

const optionalCounts = ['cache_creation_input_tokens', 'cache_read_input_tokens'] as const;

/**
 * The provider's token counts, or null where it did not count. Counts that cannot be true are treated as missing, because
 * some servers write zeros where they do not count: no request has an empty prompt, and the API documents a non-zero
 * output count even for an empty answer.
 */
function knownUsage(raw: unknown): Usage | null {
  if (!isRecord(raw)) return null;
  const { input_tokens: input, output_tokens: output } = raw;
  if (!isCount(input) || !isCount(output)) return null;
  let prompt = input;
  for (const name of optionalCounts) {
    const count = raw[name] ?? 0;
    if (!isCount(count)) return null;
    prompt += count;
  }
  if (prompt === 0 || output === 0) return null;
  return { ...unreported, ...raw, input_tokens: input, output_tokens: output };
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
