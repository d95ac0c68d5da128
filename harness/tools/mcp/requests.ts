import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { JSONRPCErrorResponseSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import { number, seconds } from '../../numbers.ts';

/** A connection to an MCP server, over any wire. */
export type ServerTransport = Transport & {
  /**
   * Sends a request beside those of the SDK's client, for the one method that is called thousands of times: the client
   * parses each message three times, sets a timer for each request, and never removes its listener from a signal. Resolves
   * with the result as it was sent. Rejects with the signal's reason, after telling the server; with an `McpError` for an
   * error that the server answered with; with another error where the connection failed.
   */
  request(method: string, params: object, options: RequestOptions): Promise<unknown>;
  readonly pid?: number | undefined;
  readonly stderr?: unknown;
  readonly hasPerRequestStream?: boolean;
};

/** What a connected server's transport reports. */
export type TransportListener = {
  /** What a stdio server writes to its standard error. */
  onStderr: (text: string) => void;
  /** Once, when a message of its grows too large: the connection is of no more use. */
  onExcess: (error: Error) => void;
  /** Once, how a stdio server ended. */
  onEnd: (error: Error) => void;
};

/**
 * Bytes of the largest message that is read. The largest results of real servers have a few megabytes; each byte costs
 * about ten in memory until a result is counted.
 */
export const mostMessageBytes = 32 * 1024 ** 2;

/** Bytes that a server may send without answering anything, from one answer to the next: log lines, notices, comments. */
export const mostUnaskedBytes = 64 * 1024 ** 2;

/** What each counts for besides its bytes, since reading the shortest one takes as long. */
const messageBytes = 64;

/** What a notice counts for: a library parses it several times over. */
export const noticeBytes = 512;

/** Keeps count of what a server sends unasked. `onExcess` is told once, when it is too much. */
export function createUnasked(onExcess: (error: Error) => void) {
  let bytes = 0;
  let excess: Error | undefined;
  return {
    /** A message of so many bytes came in, or a part of one; throws once it is too much. */
    took(more: number): void {
      bytes += more + messageBytes;
      if (bytes <= mostUnaskedBytes) return;
      if (!excess) {
        excess = new Error(`it sent more than ${number(mostUnaskedBytes)} bytes that answer nothing`);
        onExcess(excess);
      }
      throw excess;
    },
    answered(): void {
      bytes = 0;
    },
  };
}

/** Milliseconds that a server may take to end after it was asked to. */
export const closeGraceMs = 2_000;

/** The SDK's client counts its requests from 0; ours begin where it does not come, and fit 32 bits. */
const firstId = 2 ** 30;

/**
 * The connection failed: it ended, or its time was up. A class of its own, since a server may answer with any code and
 * message, also with those by which the SDK tells of a connection.
 */
export class ConnectionFault extends Error {
  override name = 'ConnectionFault';
}

/** What is said of an answer to nothing, in the words of the SDK. */
export const unknownId = 'Received a response for an unknown message ID';

/**
 * Tells which answers are to a request that a client sent and that waits. The client itself would take what `Number()` makes of
 * an id, such as of `[1]`.
 */
export function createAwaited() {
  const waiting = new Set<unknown>();
  return {
    sent(message: object): void {
      if ('method' in message && 'id' in message) waiting.add(message.id);
    },
    /** An answer is awaited once. */
    isStray: (message: object) => !('method' in message) && 'id' in message && !waiting.delete(message.id),
  };
}

export type RequestOptions = { timeoutMs: number; signal: AbortSignal };

type Pending = RequestOptions & {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  deadline: number;
};

/**
 * JSON-RPC requests over a connection. One timer and one listener serve them all: a timer for each request, and a listener
 * that is never removed from a signal that thousands share, would cost more than the rest of a call.
 */
export function createRequests(post: (message: object) => void | Promise<void>) {
  const pending = new Map<number, Pending>();
  const followed = new WeakSet<AbortSignal>();
  let lastId = firstId;
  let timer: NodeJS.Timeout | undefined;

  /** Takes a request out; undefined where it was settled before. */
  function take(id: number): Pending | undefined {
    const request = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
    return request;
  }
  function giveUp(id: number, reason: unknown): void {
    const request = take(id);
    if (!request) return;
    request.reject(reason);
    const notice = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: id, reason: String(reason) },
    };
    // Where it cannot be sent, there is no server left to be told.
    const tell = async () => post(notice);
    tell().catch(() => undefined);
  }
  /** All wait equally long, so that the one that was sent first is the first to be given up. */
  function watchDeadlines(): void {
    timer = undefined;
    const now = performance.now();
    for (const [id, { deadline, timeoutMs }] of pending) {
      if (deadline > now) {
        timer = setTimeout(watchDeadlines, deadline - now);
        return;
      }
      giveUp(id, new ConnectionFault(`it did not answer within ${seconds(timeoutMs)}`));
    }
  }
  function follow(signal: AbortSignal): void {
    if (followed.has(signal)) return;
    followed.add(signal);
    signal.addEventListener('abort', () => {
      for (const [id, request] of pending) if (request.signal === signal) giveUp(id, signal.reason);
    });
  }

  return {
    /** Sends a request; all of a connection have the same timeout. */
    send(method: string, params: object, { timeoutMs, signal }: RequestOptions): Promise<unknown> {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const id = lastId++;
        const posted = post({ jsonrpc: '2.0', id, method, params });
        posted?.catch((error: unknown) => take(id)?.reject(error));
        follow(signal);
        pending.set(id, { resolve, reject, signal, timeoutMs, deadline: performance.now() + timeoutMs });
        // It holds the process: where a server answered something else, nothing of its connection does.
        timer ??= setTimeout(watchDeadlines, timeoutMs);
      });
    },

    /** Takes a message if it answers one of these requests, however badly; `late` where that request has ended. */
    settle(message: unknown): 'answer' | 'late' | undefined {
      if (typeof message !== 'object' || message === null || !('id' in message) || 'method' in message)
        return undefined;
      const { id } = message;
      if (typeof id !== 'number' || !Number.isInteger(id)) return undefined;
      const request = take(id);
      // A second answer, or one that crossed the notice that its request was given up.
      if (!request) return id >= firstId && id < lastId ? 'late' : undefined;
      if (!('jsonrpc' in message) || message.jsonrpc !== '2.0') {
        request.reject(new Error('it answered with a message that does not say "jsonrpc": "2.0"'));
      } else if ('result' in message) {
        request.resolve(message.result);
      } else if ('error' in message) {
        const { data } = JSONRPCErrorResponseSchema.safeParse(message);
        request.reject(
          data
            ? new McpError(data.error.code, data.error.message, data.error.data)
            : new Error('it answered with an error that lacks a numeric code or a message'),
        );
      } else {
        request.reject(new Error('it answered neither with a result nor an error'));
      }
      return 'answer';
    },

    /** The connection is gone. */
    rejectAll(error: unknown): void {
      for (const id of [...pending.keys()]) take(id)?.reject(error);
    },
  };
}
