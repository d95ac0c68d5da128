import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Expectation, Request } from '../usual.ts';

/** One HTTP request to the hostile server, and how a mode may answer it. */
export type Exchange = {
  /** The JSON-RPC message in the body; empty for GET and DELETE. */
  request: Request;
  incoming: IncomingMessage;
  response: ServerResponse;
  /** Another server, which no client has a reason to speak to: `http://127.0.0.1:port`. */
  elsewhere: string;
  /** Answers with JSON of this text and these headers. */
  json(text: string, headers?: Record<string, string | string[]>): void;
  /** The usual answer as JSON-RPC text. */
  usual(): string;
  answer(): void;
};

type Handler = (exchange: Exchange) => void;

/** One way in which a server over Streamable HTTP does not behave, and what is right for a run against it. */
export type HttpMode = Expectation & {
  initialize?: Handler;
  list?: Handler;
  call?: Handler;
  /** The stream that a client may open to listen. */
  get?: Handler;
  delete?: Handler;
};

export type HttpModes = Record<string, HttpMode>;
