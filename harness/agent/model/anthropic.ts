import Anthropic, { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { Stream } from '@anthropic-ai/sdk/streaming';
import { VERSION } from '@anthropic-ai/sdk/version';
import { UsageError } from '../../errors.ts';
import type { Model } from '../../meter/model.ts';
import type { ModelRequest, ModelResponse } from '../../results/messages.ts';
import {
  CutAnswer,
  createAssembler,
  type Fetch,
  MalformedAnswer,
  responseOfBody,
  StalledAnswer,
  watchFetch,
} from './anthropic-answer.ts';
import {
  type Failure,
  type FailureContext,
  failureOfReply,
  failureOfTransport,
  keepAllowedHeaders,
  keyVariable,
  noteExchange,
  PromptTooLongError,
  statusOf,
  type TimedEvent,
  type WireAnswer,
} from './anthropic-exchange.ts';
import {
  type Clock,
  defaultRetryPolicy,
  type RetryEvent,
  type RetryPolicy,
  retrying,
  systemClock,
} from './retry.ts';

export type AnthropicModelOptions = {
  model: string;
  apiKey: string;
  /** The provider's own address unless a gateway or local server that speaks the Messages API is named. */
  baseURL?: string;
  /** Stream the answer (the default), or ask for one JSON body. */
  stream?: boolean;
  /** The longest one attempt may take, in milliseconds. */
  timeoutMs?: number;
  /** The longest an answer may pause between two bytes, in milliseconds. */
  idleTimeoutMs?: number;
  retry?: Partial<RetryPolicy>;
  /** Called for each attempt that is made again. */
  onRetry?: (event: RetryEvent) => void;
  fetch?: Fetch;
  clock?: Clock;
  random?: () => number;
};

/** The provider's own address. */
export const providerURL = 'https://api.anthropic.com';

/**
 * A live model behind the Messages API. Requests go out as they are, answers come back verbatim, and `usage` is null where
 * the provider did not count. Rejects with a `ModelRequestError` (an `InfrastructureError`) once retrying is over or would
 * not help, with a `PromptTooLongError` where the prompt does not fit, and with the signal's reason once it is aborted.
 */
export function createAnthropicModel(options: AnthropicModelOptions): Model {
  if (options.apiKey.trim() === '') throw new UsageError(`No API key. Set ${keyVariable}.`);
  const clock = options.clock ?? systemClock;
  const once = createAttempt({ ...options, clock });
  const retry = retrying({
    policy: { ...defaultRetryPolicy, ...options.retry },
    clock,
    random: options.random ?? Math.random,
    ...(options.onRetry && { onRetry: options.onRetry }),
  });
  return retry(once);
}

/** The SDK's client, which itself neither asks again nor prints anything. Throws a `UsageError` for another kind of address. */
export function createClient(options: {
  apiKey: string;
  baseURL?: string;
  timeoutMs: number;
  fetch: Fetch;
}): Anthropic {
  const { apiKey, baseURL = providerURL, timeoutMs, fetch } = options;
  checkBaseURL(baseURL);
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
function createAttempt(options: AnthropicModelOptions & { clock: Clock }): Model {
  const { model, clock, apiKey, stream = true } = options;
  const timeoutMs = options.timeoutMs ?? 600_000;
  const idleMs = options.idleTimeoutMs ?? 90_000;
  const baseURL = options.baseURL ?? providerURL;
  const { origin } = checkBaseURL(baseURL);
  const closing = new AbortController();
  let apiVersion = '';
  const wire = () => ({ origin, apiVersion, sdkVersion: VERSION });
  const watched = watchFetch(options.fetch ?? fetch, {
    clock,
    idleMs,
    headersMs: stream ? idleMs : timeoutMs,
  });
  const client = createClient({
    apiKey,
    baseURL,
    timeoutMs,
    fetch: (url, init) => {
      apiVersion = new Headers(init?.headers).get('anthropic-version') ?? '';
      return watched(url, init);
    },
  });

  async function respond(request: ModelRequest, signal: AbortSignal): Promise<ModelResponse> {
    signal.throwIfAborted();
    const deadline = new AbortController();
    const cancelDeadline = clock.after(timeoutMs, () => deadline.abort());
    const stop = AbortSignal.any([signal, closing.signal, deadline.signal]);
    const seen: Seen = { headers: null };
    try {
      return await untilStopped(exchange(request, stop, seen), stop);
    } catch (error) {
      signal.throwIfAborted();
      closing.signal.throwIfAborted();
      const context = { model: request.model, baseURL, secrets: [apiKey], now: clock.now() };
      if (deadline.signal.aborted) {
        throw failureOfTransport('timeout', `${timeoutMs} ms are over`, knownOf(seen, 'unknown'), context);
      }
      const failure = explain(error, seen, context);
      if (failure instanceof PromptTooLongError && error instanceof APIError) {
        const headers = keepAllowedHeaders(error.headers ?? new Headers());
        const payload = { body: error.error };
        failure.answer = { ...wire(), status: error.status ?? 400, headers, payload };
      }
      throw failure;
    } finally {
      cancelDeadline();
      // Lets go of the connection also where the answer was given up on half-read.
      deadline.abort();
    }
  }

  async function exchange(request: ModelRequest, stop: AbortSignal, seen: Seen): Promise<ModelResponse> {
    const started = clock.elapsed();
    const requestOptions = { signal: stop, timeout: timeoutMs };
    let payload: WireAnswer['payload'];
    let response: ModelResponse;
    if (stream) {
      const answer = await client.messages
        .create({ ...request, stream: true }, requestOptions)
        .withResponse();
      seen.headers = answer.response.headers;
      const events: TimedEvent[] = [];
      payload = { events };
      response = await assemble(answer.data, (data) => {
        events.push({ offsetMs: Math.round(clock.elapsed() - started), data });
      });
    } else {
      const answer = await client.messages.create({ ...request, stream: false }, requestOptions).asResponse();
      seen.headers = answer.headers;
      const body: unknown = JSON.parse(await answer.text());
      payload = { body };
      response = responseOfBody(body);
    }
    const headers = keepAllowedHeaders(seen.headers);
    const answer = { ...wire(), status: 200, headers, payload };
    noteExchange(response, { evidence: 'live', answer, measuredMs: clock.elapsed() - started });
    return response;
  }

  return {
    id: model,
    evidence: 'live',
    respond,
    close: async () => closing.abort(new Error('The model was closed.')),
  };
}

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

async function assemble(
  stream: Stream<RawMessageStreamEvent>,
  note: (event: RawMessageStreamEvent) => void,
): Promise<ModelResponse> {
  const assembler = createAssembler();
  for await (const event of stream) {
    note(event);
    assembler.add(event);
  }
  return assembler.finish();
}

/** The same promise, but an abort does not wait for a `fetch` that ignores its signal. */
function untilStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const reject = () => stopped.reject(stop.reason);
  stop.addEventListener('abort', reject, { once: true });
  return Promise.race([work, stopped.promise]).finally(() => stop.removeEventListener('abort', reject));
}

/** What one attempt had received when it ended. */
type Seen = { headers: Headers | null };

/** Our error for anything that the SDK, the network or the assembler threw during one attempt. */
export function explain(error: unknown, seen: Seen, context: FailureContext): Error {
  const inside = seen.headers !== null;
  const known = knownOf(seen, 'unknown');
  const cause = rootCause(error);
  if (cause instanceof StalledAnswer) return failureOfTransport('stalled', cause.message, known, context);
  if (error instanceof APIConnectionTimeoutError)
    return failureOfTransport('timeout', error.message, known, context);
  if (error instanceof APIConnectionError) {
    const usage = neverConnected(cause) ? 'none' : 'unknown';
    return failureOfTransport('network', describe(cause), knownOf(seen, usage), context);
  }
  if (error instanceof APIError) {
    return failureOfReply(
      {
        status: error.status ?? statusOf(error.type),
        body: error.error ?? error.message,
        headers: error.headers ?? new Headers(),
        usage: inside ? 'unknown' : 'none',
      },
      context,
    );
  }
  if (error instanceof CutAnswer) return failureOfTransport('cut', error.message, known, context);
  if (error instanceof MalformedAnswer || error instanceof SyntaxError) {
    return failureOfTransport('malformed', error.message, known, context);
  }
  return failureOfTransport(inside ? 'cut' : 'network', describe(cause), known, context);
}

/** What a failure can say about an answer that did not arrive whole. */
function knownOf(seen: Seen, usage: Failure['usage']) {
  return { requestId: seen.headers?.get('request-id') ?? null, usage };
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

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
