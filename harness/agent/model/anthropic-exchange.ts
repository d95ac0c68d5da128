import { InfrastructureError } from '../../errors.ts';
import { isRecord } from '../../json.ts';
import { ModelStopped } from '../../meter/model.ts';
import type { ModelResponse } from '../../results/messages.ts';
import { redactSecrets } from './cassette-secrets.ts';

/** One event of a stream, with the time it arrived, in milliseconds after the request was sent. */
export type TimedEvent = { offsetMs: number; data: unknown };

/** What went over the wire for one answer, as far as a recording may hold it. */
export type WireAnswer = {
  status: number;
  /** Only headers on the allow-list. */
  headers: Record<string, string>;
  /** Scheme, host and port that answered, so that a recording made against a test server can never pass for a real one. */
  origin: string;
  /** `anthropic-version` that the SDK sent. */
  apiVersion: string;
  sdkVersion: string;
  /** Either the events of a stream, or the body of a plain answer. */
  payload: { events: TimedEvent[] } | { body: unknown };
};

/** How one response came about. */
type Exchange = {
  evidence: 'live' | 'replayed';
  answer: WireAnswer;
  /** The last attempt, from sending to the last byte, in milliseconds. Null for a replay: it measured nothing. */
  measuredMs: number | null;
};

// Never request headers, and of the responses only what explains an answer: nothing that identifies an account.
const recordedHeaders = ['content-type', 'request-id', 'retry-after'];

/** The response headers that a recording may keep. */
export function keepAllowedHeaders(headers: { get(name: string): string | null }): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of recordedHeaders) {
    const value = headers.get(name);
    if (value !== null) kept[name] = value;
  }
  return kept;
}

const exchanges = new WeakMap<ModelResponse, Exchange>();

/** Remembers how a response came about. */
export function noteExchange(response: ModelResponse, exchange: Exchange): void {
  exchanges.set(response, exchange);
}

/** How a response came about; undefined for a response that no wire carried, such as a scripted one. */
export function exchangeOf(response: ModelResponse): Exchange | undefined {
  return exchanges.get(response);
}

/** Why one attempt at a round trip failed. */
type FailureKind = keyof typeof adviceFor | TransportFault;

/** How an attempt ends without a whole answer. */
export type TransportFault = keyof typeof transportMessages;

/** What is known about one failed attempt. */
export type Failure = {
  kind: FailureKind;
  /** HTTP status; null where no response came or it broke off after a good status. */
  status: number | null;
  /** The provider's `request-id`, for its support. */
  requestId: string | null;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** The pause that the response asked for, in milliseconds. */
  retryAfterMs: number | null;
  /** `none` where the provider refused before working; `unknown` where it may have billed an answer that never arrived. */
  usage: 'none' | 'unknown';
};

/** A round trip failed for a reason outside the model. The message says what to do and holds no credential. */
export class ModelRequestError extends InfrastructureError {
  override name = 'ModelRequestError';
  readonly failure: Failure;

  constructor(message: string, failure: Failure) {
    super(message);
    this.failure = failure;
  }
}

/**
 * The provider refused a prompt that does not fit the context window. A result of the trial (`context_overflow`), not a
 * fault of the harness, so it is not an `InfrastructureError`.
 */
export class PromptTooLongError extends ModelStopped {
  override name = 'PromptTooLongError';
  /** What went over the wire, so that a recording can repeat the refusal; null for a replay. */
  answer: WireAnswer | null = null;
}

/** The environment variable that holds the key of live models. */
export const keyVariable = 'ANTHROPIC_API_KEY';

/** What an error message may need to say what to do. */
export type FailureContext = {
  model: string;
  baseURL: string;
  /** Values that must not appear in any message. */
  secrets: readonly string[];
};

/** An error response of the API, or an `error` event inside a stream. */
type ErrorReply = {
  status: number;
  /** The parsed body, not checked. */
  body: unknown;
  headers: { get(name: string): string | null };
  /** `unknown` for an error inside a stream that had begun. */
  usage: Failure['usage'];
};

/** Statuses behind the error types that can arrive inside a stream (platform.claude.com/docs/en/api/errors). */
const statusOfErrorType: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The HTTP status of an error type of the API; 500 for one that is not documented. */
export function statusOf(errorType: string | null): number {
  return (errorType && statusOfErrorType[errorType]) || 500;
}

// The API gives two of the three spend limits a code; the third is a 400 that only its message tells apart.
const quotaCodes = new Set(['enforced_spend_limit_reached', 'contract_spend_limit_reached']);
const quotaMessage = /credit balance is too low|reached your specified api usage limits|spend(ing)? limit/i;
const tooLongMessage = /prompt is too long|exceeds? (the )?(maximum )?context (window|length)/i;

/** The error that stands for an error reply; what to do about it is in the message. */
export function failureOfReply(
  reply: ErrorReply,
  context: FailureContext,
): InfrastructureError | PromptTooLongError {
  const said = wordsOf(reply.body);
  const text = said.message ? ` The API said: ${shorten(said.message)}` : '';
  const redact = (message: string) => redactSecrets(message, context.secrets);
  if (reply.status === 400 && tooLongMessage.test(said.message)) {
    return new PromptTooLongError(
      redact(`The prompt does not fit the context window of ${context.model}.${text}`),
    );
  }
  const quota =
    quotaCodes.has(said.code) ||
    ((reply.status === 400 || reply.status === 429) && quotaMessage.test(said.message));
  const kind = quota ? 'quota' : kindOfStatus(reply.status);
  const failure: Failure = {
    kind,
    status: reply.status,
    requestId: reply.headers.get('request-id'),
    retryable: retryableKinds.has(kind) && reply.headers.get('x-should-retry') !== 'false',
    retryAfterMs: parseRetryAfter(reply.headers),
    usage: reply.usage,
  };
  const id = failure.requestId ? ` (request ${failure.requestId})` : '';
  return new ModelRequestError(redact(`${adviceFor[kind](reply, context)}${text}${id}`), failure);
}

/** The error for an attempt that ended without a whole answer: the network, a timeout, a broken stream. */
export function failureOfTransport(
  kind: TransportFault,
  detail: string,
  known: { requestId: string | null; usage: Failure['usage'] },
  context: FailureContext,
): ModelRequestError {
  const message = `${transportMessages[kind]} ${context.baseURL}: ${shorten(detail)}`;
  return new ModelRequestError(redactSecrets(message, context.secrets), {
    kind,
    status: null,
    retryable: true,
    retryAfterMs: null,
    ...known,
  });
}

const retryableKinds = new Set<FailureKind>(['rate_limit', 'overloaded', 'server']);

const transportMessages = {
  network: 'No connection to',
  timeout: 'No complete answer in time from',
  stalled: 'The answer stopped arriving from',
  cut: 'The answer broke off from',
  malformed: 'The answer is not one of the Messages API, from',
};

const kindByStatus = new Map<number, keyof typeof adviceFor>([
  [401, 'authentication'],
  [402, 'quota'],
  [403, 'permission'],
  [404, 'not_found'],
  // A timeout, and a lock that was not free in time: passing, like the provider's own faults.
  [408, 'server'],
  [409, 'server'],
  [413, 'too_large'],
  [429, 'rate_limit'],
  [503, 'overloaded'],
  [529, 'overloaded'],
]);

function kindOfStatus(status: number): keyof typeof adviceFor {
  if (status >= 300 && status < 400) return 'redirect';
  return kindByStatus.get(status) ?? (status >= 500 ? 'server' : 'invalid_request');
}

type Advise = (reply: ErrorReply, context: FailureContext) => string;

const adviceFor = {
  authentication: (_, { baseURL }) =>
    `${baseURL} did not accept the API key (401). Set ${keyVariable} to a valid key.`,
  permission: (_, { model, baseURL }) =>
    `The key in ${keyVariable} may not use ${model} at ${baseURL} (403). Use a key of a workspace that may.`,
  not_found: (_, { model, baseURL }) =>
    `${baseURL} does not know the model ${model} or the path /v1/messages (404). Check the model id and the base URL.`,
  too_large: (_, { baseURL }) =>
    `The request is larger than ${baseURL} accepts (413). Lower what tools return, or the scenario's parameters.`,
  quota: ({ status }) =>
    `The account behind ${keyVariable} has no credit left or reached a spend limit (${status}). Raise it and resume the run; finished trials are kept.`,
  redirect: ({ status, headers }, { baseURL }) =>
    `${baseURL} redirects to ${headers.get('location') ?? 'another address'} (${status}); keys are not sent along. Set the base URL to the final address.`,
  rate_limit: (_, { model }) => `Rate limit of ${model} reached (429).`,
  overloaded: ({ status }, { baseURL }) => `${baseURL} is overloaded (${status}).`,
  server: ({ status }, { baseURL }) => `${baseURL} failed (${status}).`,
  invalid_request: ({ status }, { model, baseURL }) =>
    `${baseURL} rejected the request for ${model} (${status}); sending it again would not help.`,
} satisfies Record<string, Advise>;

function wordsOf(body: unknown): { message: string; code: string } {
  const error = field(body, 'error');
  const message = field(error, 'message') ?? (typeof body === 'string' ? body : '');
  const code = field(field(error, 'details'), 'error_code');
  return {
    message: typeof message === 'string' ? message : JSON.stringify(message),
    code: typeof code === 'string' ? code : '',
  };
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

// IMF-fixdate (RFC 9110, 5.6.7). `Date.parse` alone accepts almost anything: "soon 5" is May 2001 to it.
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const decimal = /^\d{1,9}(\.\d+)?$/;

/**
 * The pause in milliseconds that a response asks for: `retry-after-ms`, or `retry-after` in seconds or as an HTTP date.
 * Null when there is no header or it is neither; a date in the past is 0.
 */
export function parseRetryAfter(headers: ErrorReply['headers']): number | null {
  const milliseconds = headers.get('retry-after-ms')?.trim();
  if (milliseconds && decimal.test(milliseconds)) return Number(milliseconds);
  const value = headers.get('retry-after')?.trim();
  if (!value) return null;
  if (decimal.test(value)) return Number(value) * 1_000;
  if (!httpDate.test(value)) return null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
