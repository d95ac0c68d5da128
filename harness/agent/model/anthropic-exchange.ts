import type { ModelResponse } from '../../results/messages.ts';

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
export type Exchange = {
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
