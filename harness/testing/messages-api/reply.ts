import type { Fields } from './request.ts';

/** How an answer goes wrong on its way. Counted in events for a stream; a plain JSON answer breaks in its middle. */
type Fault =
  /** The connection is reset. */
  | { kind: 'cut'; afterEvents: number }
  /** The stream ends properly, but too early. */
  | { kind: 'end'; afterEvents: number }
  /** The connection stays open and silent. */
  | { kind: 'stall'; afterEvents: number }
  /** An event whose data is not JSON. */
  | { kind: 'malformed'; afterEvents: number }
  /** An `error` event of the API. */
  | { kind: 'error'; afterEvents: number; type: string; message: string };

/** One content block of an answer. */
export type AnswerBlock = Fields & { type: string };

/** An answer of the model. */
export type Answer = {
  content: AnswerBlock[];
  /** `tool_use` with a tool call in the content and `end_turn` without, unless told otherwise. */
  stopReason?: string;
  stopDetails?: Fields;
  /** The responding model, where it is not the requested one. */
  model?: string;
  /** Reported instead of the computed usage; null leaves it out, `start-only` sends it with `message_start` alone. */
  usage?: Fields | null | 'start-only';
  /** Raw text of the tool inputs, instead of their JSON. */
  rawInput?: string;
  fault?: Fault;
  /** Milliseconds before the first byte. */
  delayMs?: number;
  /** Pings before the first event, as the API sends them to keep a connection alive. */
  pings?: { count: number; gapMs: number };
};

/** An error response. */
export type Refusal = {
  status: number;
  /** Type and message of the error body. */
  type: string;
  message: string;
  details?: Fields;
  headers?: Record<string, string>;
  /** Sent instead of the error body. */
  rawBody?: string;
};

/** What the server does with one request. */
export type Reply =
  | { answer: Answer }
  | { refusal: Refusal }
  /** Resets the connection without a response. */
  | { reset: true }
  /** Never answers. */
  | { silent: true };

/** An answer of these blocks; a string is a text block. */
export function answer(content: (string | AnswerBlock)[], rest: Omit<Answer, 'content'> = {}): Reply {
  const blocks = content.map((block) => (typeof block === 'string' ? text(block) : block));
  return { answer: { content: blocks, ...rest } };
}

/** A text block. */
export function text(words: string): AnswerBlock {
  return { type: 'text', text: words, citations: null };
}

/** A tool call. */
export function toolUse(id: string, name: string, input: Fields = {}): AnswerBlock {
  return { type: 'tool_use', id, name, input, caller: { type: 'direct' } };
}

/** A thinking block with its signature. */
export function thinking(words: string, signature: string): AnswerBlock {
  return { type: 'thinking', thinking: words, signature };
}

/** An error response with the error type that the API documents for the status. */
export function refusal(status: number, message: string, rest: Partial<Refusal> = {}): { refusal: Refusal } {
  return { refusal: { status, type: errorTypes[status] ?? 'api_error', message, ...rest } };
}

/** A rate limit error, with the headers that say when to come back. */
export function tooManyRequests(headers: Record<string, string> = {}): { refusal: Refusal } {
  return refusal(429, 'This request would exceed your organization’s rate limit.', { headers });
}

const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};
