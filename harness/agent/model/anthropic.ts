import Anthropic, { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import { VERSION } from '@anthropic-ai/sdk/version';
import { UsageError, unlessAborted } from '../../errors.ts';
import type { Model } from '../../meter/model.ts';
import type { ExactCounter } from '../../meter/token-counter.ts';
import type { ModelRequest, ModelResponse } from '../../results/messages.ts';
import { BrokenAnswer, createAssembler, type Fetch, watchFetch } from './anthropic-answer.ts';
import {
  type Failure,
  type FailureContext,
  failureOfReply,
  failureOfTransport,
  keepAllowedHeaders,
  keyVariable,
  ModelRequestError,
  noteExchange,
  PromptTooLongError,
  statusOf,
  type TimedEvent,
  type TransportFault,
} from './anthropic-exchange.ts';
import { askPatiently, type RetryOptions, retrying } from './retry.ts';

type ProviderOptions = RetryOptions & {
  model: string;
  apiKey: string;
  /** The provider's own address unless a gateway or local server that speaks the Messages API is named. */
  baseURL?: string | undefined;
};

export type AnthropicModelOptions = ProviderOptions & {
  /** The longest one attempt may take, in milliseconds. */
  timeoutMs?: number | undefined;
  /** The longest an answer may pause between two bytes, in milliseconds; no longer than an attempt. */
  idleTimeoutMs?: number;
  fetch?: Fetch;
};

/** The provider's own address. */
const providerURL = 'https://api.anthropic.com';

/**
 * A live model behind the Messages API. Requests go out as they are, answers come back verbatim, and `usage` is null where
 * the provider did not count. Rejects with a `ModelRequestError` (an `InfrastructureError`) once retrying is over or would
 * not help, with a `PromptTooLongError` where the prompt does not fit, and with the signal's reason once it is aborted.
 */
export function createAnthropicModel(options: AnthropicModelOptions): Model {
  if (options.apiKey.trim() === '') throw new UsageError(`No API key. Set ${keyVariable}.`);
  return retrying(options)(createAttempt(options));
}

/** The SDK's client, which itself neither asks again nor prints anything. */
function createClient(
  { apiKey, baseURL = providerURL }: ProviderOptions,
  timeoutMs: number,
  fetch: Fetch,
): Anthropic {
  return new Anthropic({
    apiKey,
    baseURL,
    maxRetries: 0,
    timeout: timeoutMs,
    // What the SDK would print holds prompts; what went wrong is in the error that we throw.
    logLevel: 'off',
    openTelemetry: false,
    fetch,
  });
}

/** A model that makes exactly one attempt per round trip. */
function createAttempt(options: AnthropicModelOptions): Model {
  const { model, apiKey, baseURL = providerURL, timeoutMs = 600_000 } = options;
  const { idleTimeoutMs = Math.min(timeoutMs, 90_000) } = options;
  const { origin } = checkBaseURL(baseURL);
  const closing = new AbortController();
  let apiVersion = '';
  const wire = () => ({ origin, apiVersion, sdkVersion: VERSION });
  const watched = watchFetch(options.fetch ?? fetch, idleTimeoutMs);
  const client = createClient(options, timeoutMs, (url, init) => {
    apiVersion = new Headers(init?.headers).get('anthropic-version') ?? '';
    return watched(url, init);
  });

  async function respond(request: ModelRequest, signal: AbortSignal): Promise<ModelResponse> {
    signal.throwIfAborted();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    const stop = AbortSignal.any([signal, closing.signal, deadline.signal]);
    const seen: { headers: Headers | null } = { headers: null };
    try {
      return await unlessAborted(exchange(request, stop, seen), stop);
    } catch (error) {
      signal.throwIfAborted();
      closing.signal.throwIfAborted();
      const thrown = deadline.signal.aborted
        ? new BrokenAnswer('timeout', `${timeoutMs} ms are over`)
        : error;
      const context = { model: request.model, baseURL, secrets: [apiKey] };
      const failure = explain(thrown, seen.headers, context);
      if (failure instanceof PromptTooLongError && error instanceof APIError) {
        const headers = keepAllowedHeaders(error.headers ?? new Headers());
        const payload = { body: error.error };
        failure.answer = { ...wire(), status: error.status ?? 400, headers, payload };
      }
      throw failure;
    } finally {
      clearTimeout(timer);
      // Lets go of the connection also where the answer was given up on half-read.
      deadline.abort();
    }
  }

  async function exchange(
    request: ModelRequest,
    stop: AbortSignal,
    seen: { headers: Headers | null },
  ): Promise<ModelResponse> {
    const started = performance.now();
    const { data: stream, response: head } = await client.messages
      .create({ ...request, stream: true }, { signal: stop, timeout: timeoutMs })
      .withResponse();
    seen.headers = head.headers;
    const events: TimedEvent[] = [];
    const assembler = createAssembler();
    for await (const data of stream) {
      events.push({ offsetMs: Math.round(performance.now() - started), data });
      assembler.add(data);
    }
    const type = head.headers.get('content-type') ?? 'not given';
    if (events.length === 0 && !type.startsWith('text/event-stream')) {
      throw new BrokenAnswer('malformed', `its content type is ${type}`);
    }
    const response = assembler.finish();
    const headers = keepAllowedHeaders(head.headers);
    const answer = { ...wire(), status: 200, headers, payload: { events } };
    noteExchange(response, { evidence: 'live', answer, measuredMs: performance.now() - started });
    return response;
  }

  return {
    id: model,
    evidence: 'live',
    respond,
    close: async () => closing.abort(new Error('The model was closed.')),
  };
}

/** Throws a `UsageError` for another kind of address. */
function checkBaseURL(baseURL: string): URL {
  const url = URL.parse(baseURL);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new UsageError(
      `The base URL "${baseURL}" is not an http or https address, such as ${providerURL}.`,
    );
  }
  // It is shown in messages and its origin is recorded.
  if (url.username || url.password) throw new UsageError('The base URL must not hold a user or password.');
  return url;
}

/**
 * Our error for anything that the SDK, the network or the assembler threw during one attempt; `headers` are those of the answer,
 * where it had begun.
 */
function explain(error: unknown, headers: Headers | null, context: FailureContext): Error {
  const requestId = headers?.get('request-id') ?? null;
  const failed = (kind: TransportFault, detail: string, usage: Failure['usage'] = 'unknown') =>
    failureOfTransport(kind, detail, { requestId, usage }, context);
  const cause = rootCause(error);
  if (cause instanceof BrokenAnswer) return failed(cause.kind, cause.message);
  if (error instanceof APIConnectionTimeoutError) return failed('timeout', error.message);
  if (error instanceof SyntaxError) return failed('malformed', error.message);
  if (error instanceof APIError && !(error instanceof APIConnectionError)) {
    const status = error.status ?? statusOf(error.type);
    const body = error.error ?? error.message;
    const usage = headers ? 'unknown' : 'none';
    return failureOfReply({ status, body, headers: error.headers ?? new Headers(), usage }, context);
  }
  const detail = cause instanceof Error ? cause.message || cause.name : String(cause);
  if (!(error instanceof APIConnectionError)) return failed(headers ? 'cut' : 'network', detail);
  return failed('network', detail, neverConnected(cause) ? 'none' : 'unknown');
}

function rootCause(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error && cause.cause !== undefined; depth++)
    cause = cause.cause;
  return cause;
}

/** A request that never reached a server cannot have been billed. */
function neverConnected(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(String(code));
}

/** Counting requests under way at a time; the provider's rate limit paces them from there. */
const countsAtOnce = 4;
const countTimeoutMs = 60_000;

/** A text of one token in every vocabulary. What else its message takes is the frame that every message has. */
const oneToken = 'a';

/**
 * Counts texts at the provider's counting endpoint, which is free of charge: each as the only message of a request, without
 * the frame of that message. A text without letters, or one that the provider refuses to count, stays unknown. Rejects with a
 * `ModelRequestError` where the provider cannot be asked, and with the signal's reason once it is aborted.
 */
export function createProviderCounter(options: ProviderOptions): ExactCounter {
  const { model, apiKey, baseURL = providerURL } = options;
  checkBaseURL(baseURL);
  const client = createClient(options, countTimeoutMs, fetch);

  async function askOnce(text: string, signal: AbortSignal): Promise<number> {
    try {
      const messages = [{ role: 'user' as const, content: text.toWellFormed() }];
      const { input_tokens } = await client.messages.countTokens({ model, messages }, { signal });
      return input_tokens;
    } catch (error) {
      signal.throwIfAborted();
      throw explain(error, null, { model, baseURL, secrets: [apiKey] });
    }
  }
  const ask = (text: string, signal: AbortSignal) =>
    askPatiently(options, () => askOnce(text, signal), signal);

  /** Tokens of a message's frame, asked for once. The answer also shows that key, model and address can count. */
  let frame: Promise<number> | undefined;
  const measureFrame = (signal: AbortSignal): Promise<number> => {
    frame ??= ask(oneToken, signal).then((tokens) => tokens - 1);
    frame.catch(() => {
      frame = undefined;
    });
    return frame;
  };

  async function countOne(text: string, frame: number, signal: AbortSignal): Promise<number | undefined> {
    // The API takes no message of white space alone.
    if (text.trim() === '') return undefined;
    try {
      return Math.max(1, (await ask(text, signal)) - frame);
    } catch (error) {
      if (refusesText(error)) return undefined;
      throw error;
    }
  }

  return {
    method: `counted by the provider (${model})`,
    async count(texts, signal) {
      const frame = await measureFrame(signal);
      const counts = new Array<number | undefined>(texts.length);
      const failed = new AbortController();
      const stop = AbortSignal.any([signal, failed.signal]);
      const waiting = texts.entries();
      const work = async () => {
        for (const [at, text] of waiting) counts[at] = await countOne(text, frame, stop);
      };
      await Promise.all(Array.from({ length: countsAtOnce }, work)).finally(() => failed.abort());
      return counts;
    },
  };
}

/** Whether the provider can count, but not this text. */
function refusesText(error: unknown): boolean {
  if (error instanceof PromptTooLongError) return true;
  return error instanceof ModelRequestError && ['invalid_request', 'too_large'].includes(error.failure.kind);
}
