import { STATUS_CODES } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { number } from '../../numbers.ts';
import {
  ConnectionFault,
  closeGraceMs,
  createAwaited,
  createRequests,
  createUnasked,
  mostMessageBytes,
  noticeBytes,
  type ServerTransport,
  type TransportListener,
  unknownId,
} from './requests.ts';
import type { HttpServer } from './server-spec.ts';

/** A library's transport over Streamable HTTP. */
type HttpWire = Transport & {
  terminateSession(): Promise<void>;
  /** Whether a request is called off by closing its own stream, as without sessions. */
  hasPerRequestStream?: boolean;
};
export type HttpLibrary = new (url: URL, options: { requestInit: RequestInit; fetch: Fetch }) => HttpWire;

/** How a server that wants tokens is reached. */
export type ServerAccess = {
  /** Sends requests with a token, and gets another where the server refuses it. */
  fetch(next: Fetch): Fetch;
  /** A message of the server without any token in it. */
  clean<T>(message: T): T;
  /** The scopes of the token in use; none before there was one. */
  held(): string[];
};

/**
 * An MCP server over Streamable HTTP, with tokens where `access` has them. Closing ends its session, so that none is left on
 * the server.
 */
export function createHttpTransport(
  { url, headers }: HttpServer,
  { onExcess }: Pick<TransportListener, 'onExcess'>,
  access?: ServerAccess,
  Library: HttpLibrary = StreamableHTTPClientTransport,
): ServerTransport {
  const unasked = createUnasked(onExcess);
  const bounded = createBoundedFetch({ mostMessageBytes, onExcess, onUnasked: unasked.took });
  const wire = new Library(new URL(url), {
    requestInit: { headers },
    fetch: access?.fetch(bounded) ?? bounded,
  });
  const awaited = createAwaited();
  const send: ServerTransport['send'] = (message, options) => {
    awaited.sent(message);
    return wire.send(message, options).catch((error: unknown) => {
      throw explainHttp(error);
    });
  };
  const requests = createRequests((message) => send(message as JSONRPCMessage));
  let closing: Promise<void> | undefined;
  const transport: ServerTransport = {
    async start() {
      wire.onmessage = (received) => {
        // A server that sends its own token back puts it before no model and into no file.
        const message = access?.clean(received) ?? received;
        const settled = requests.settle(message);
        const isStray = !settled && awaited.isStray(message);
        if (settled === 'answer' || (!settled && !isStray && !('method' in message))) unasked.answered();
        if (settled) return;
        if (isStray) transport.onerror?.(new Error(unknownId));
        else {
          if ('method' in message) unasked.took(noticeBytes);
          transport.onmessage?.(message);
        }
      };
      wire.onerror = (error) => transport.onerror?.(explainHttp(error));
      wire.onclose = () => {
        requests.rejectAll(new ConnectionFault('the connection was closed'));
        transport.onclose?.();
      };
      await wire.start();
    },
    send,
    setProtocolVersion: (version) => wire.setProtocolVersion?.(version),
    ...(wire.hasPerRequestStream && { hasPerRequestStream: true }),
    request: requests.send,
    close() {
      closing ??= endSession(wire).then(() => wire.close());
      return closing;
    },
  };
  return transport;
}

/** Tells the server that its session is over. One that does not answer is left after `closeGraceMs`. */
async function endSession(wire: HttpWire): Promise<void> {
  const told = wire.terminateSession().catch(() => undefined);
  await Promise.race([told, delay(closeGraceMs, undefined, { ref: false })]);
}

/** What a server's answers over HTTP may be. */
type HttpBounds = {
  /** Bytes, after decompression, of one message: of a whole body, or of one event of a stream. */
  mostMessageBytes: number;
  /** Told once, when a bound is passed: the connection is of no more use. */
  onExcess: (error: Error) => void;
  /**
   * Told, with each part that comes in, how many bytes of it are no answer; what it throws ends the answer. One message of a
   * response to a POST may be its answer: its largest is not counted, so that many large answers at once are no flood.
   */
  onUnasked?: (bytes: number) => void;
};

/** Milliseconds between two requests for a stream of events. */
const leastPauseMs = 1_000;

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * `fetch` for the connection to a server: it counts what comes in while it comes in, so that an answer without end costs no
 * more memory than the largest that is let through, and it leaves no redirect to another origin to be followed, where the
 * headers with the user's tokens would go along.
 */
export function createBoundedFetch({ mostMessageBytes, onExcess, onUnasked }: HttpBounds): Fetch {
  let excess: Error | undefined;
  let streamedAt = Number.NEGATIVE_INFINITY;
  return async (url, init) => {
    if (init?.method === 'GET') {
      // A stream that ends is asked for again as soon as the server wishes, which may be at once and for ever.
      const pauseMs = streamedAt + leastPauseMs - performance.now();
      if (pauseMs > 0)
        await delay(pauseMs, undefined, { ref: false, ...(init.signal && { signal: init.signal }) });
      streamedAt = performance.now();
    }
    const response = await fetch(url, init).catch(tellCause);
    const elsewhere = findOtherOrigin(response, url);
    if (elsewhere !== undefined) {
      await response.body?.cancel();
      throw new Error(
        `it redirects to another origin, ${elsewhere}, which is not followed; if the server is there, configure that address`,
      );
    }
    if (!response.body) return response;
    const isStream = /^\s*text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
    const mayAnswer = init?.method === 'POST';
    const countOpen = countEvents();
    let [open, largest] = [0, 0];
    const bounded = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        // Messages that end in one chunk count as one with what is open after them: at most a chunk more is left out.
        const answering = mayAnswer ? Math.max(0, open + chunk.length - largest) : 0;
        largest += answering;
        onUnasked?.(chunk.length - answering);
        open = isStream ? countOpen(chunk) : open + chunk.length;
        if (open <= mostMessageBytes) {
          controller.enqueue(chunk);
          return;
        }
        const what = isStream ? 'an event of a stream' : 'a body';
        excess ??= new Error(`it answered with ${what} of more than ${number(mostMessageBytes)} bytes`);
        onExcess(excess);
        throw excess;
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(bounded), { status, statusText, headers });
  };
}

/** `fetch` says only that it failed; why is in the cause, such as ECONNREFUSED. */
function tellCause(error: unknown): never {
  const cause = error instanceof TypeError ? error.cause : undefined;
  // Where a name has several addresses, each failed by itself.
  const [first = cause] = cause instanceof AggregateError ? cause.errors : [];
  if (!(first instanceof Error)) throw error;
  throw new Error(`it cannot be reached: ${first.message}`);
}

/** An event ends at an empty line, in any of the line ends that a stream may have. */
const emptyLines = ['\n\n', '\r\r', '\r\n\r\n'];
const longestEmptyLine = 4;

/** Bytes of the event that a chunk leaves open: what a reader must hold on to. */
function countEvents(): (chunk: Uint8Array) => number {
  let bytes = 0;
  let before = Buffer.alloc(0);
  return (chunk) => {
    // An empty line may be cut in two by the ends of chunks.
    const seen = Buffer.concat([before, chunk]);
    const end = Math.max(
      ...emptyLines.map((line) => {
        const at = seen.lastIndexOf(line);
        return at < 0 ? -1 : at + line.length;
      }),
    );
    bytes = end < 0 ? bytes + chunk.length : seen.length - end;
    before = seen.subarray(-(longestEmptyLine - 1));
    return bytes;
  };
}

/** The origin that a response redirects to, where it is neither the request's own nor that over TLS; for `file:` the scheme. */
function findOtherOrigin(response: Response, url: string | URL): string | undefined {
  const location = response.headers.get('location');
  if (response.status < 300 || response.status > 399 || location === null) return undefined;
  const from = new URL(url);
  if (!URL.canParse(location, from)) return undefined;
  const to = new URL(location, from);
  const isUpgrade =
    from.protocol === 'http:' && to.protocol === 'https:' && from.host === to.host && from.port === '';
  if (to.origin === from.origin || isUpgrade) return undefined;
  return to.origin === 'null' ? to.protocol : to.origin;
}

/** What the SDK puts before the server's own text. */
const before = /^Streamable HTTP error: (?:Error POSTing to endpoint|Unexpected content type): ?/;

/** An HTTP status that is an error, with what the server said. */
export function describeStatus(status: number, said: string): string {
  return [`it answered with HTTP status ${status} (${STATUS_CODES[status] ?? 'unknown'})`, said.trim()]
    .filter(Boolean)
    .join(': ');
}

/** An answer of a content type that MCP does not have. */
export function describeType(contentType: string | null): string {
  const type = contentType === null ? 'without a content type' : `with the content type ${contentType}`;
  return `it answered ${type}, neither JSON nor a stream of events`;
}

/** An error of the SDK's HTTP transport in words of ours: the SDK leaves out the status, and why a body was cut. */
function explainHttp(error: unknown): Error {
  if (error instanceof StreamableHTTPError) {
    const { code = -1 } = error;
    const said = error.message.replace(before, '').trim();
    return new Error(code > 0 ? describeStatus(code, said) : describeType(said === 'null' ? null : said));
  }
  if (error instanceof TypeError && error.message === 'terminated' && error.cause instanceof Error)
    return new Error(`its answer could not be read to the end: ${error.cause.message}`);
  return error instanceof Error ? error : new Error(String(error));
}
