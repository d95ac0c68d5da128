import type { IncomingMessage, ServerResponse } from 'node:http';
import { createResponder, createWire, type Mode } from '../messages/mode.ts';
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

const lineEnd = 0x0a;

/**
 * Speaks a mode over HTTP. What it answers with one message is a JSON body, as most servers send it; all else is a stream of
 * events, one a line. A line that has no end yet keeps the stream open.
 */
export function overHttp(mode: Mode): HttpMode {
  const { start } = mode;
  let respond = createResponder(mode);
  const speak = ({ request, response }: Exchange) => {
    if (request.method === 'initialize') respond = createResponder(mode);
    const said: Uint8Array[] = [];
    let write = (bytes: string | Uint8Array): void => {
      said.push(Buffer.from(bytes));
    };
    respond(
      request,
      createWire((bytes) => write(bytes)),
    );
    const whole = Buffer.concat(said);
    if (whole.indexOf(lineEnd) === whole.length - 1 && whole.length > 0) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
      return;
    }
    write = openStream(response);
    write(whole);
    if (whole.at(-1) === lineEnd) response.end();
  };
  return {
    ...mode,
    initialize: speak,
    list: speak,
    call: speak,
    ...(start && { get: ({ response }) => start(createWire(openStream(response))) }),
  };
}

/** Begins a stream of events. Returns what writes to it, each line as an event of its own. */
function openStream(response: Exchange['response']): (bytes: string | Uint8Array) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  let atStart = true;
  return (bytes) => {
    const chunk = Buffer.from(bytes);
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(lineEnd, from);
      if (atStart) response.write('data: ');
      response.write(chunk.subarray(from, end < 0 ? chunk.length : end));
      atStart = end >= 0;
      if (atStart) response.write('\n\n');
      from = end < 0 ? chunk.length : end + 1;
    }
  };
}
