import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { RequestOptions } from './requests.ts';

/** A connection to an MCP server, over any wire. */
export type ServerTransport = Transport & {
  /**
   * Sends a request beside those of the SDK's client, for the one method that is called thousands of times: the client
   * parses each message three times, sets a timer for each request, and never removes its listener from a signal. Resolves
   * with the result as it was sent. Rejects with the signal's reason, after telling the server; with an `McpError` for an
   * error that the server answered with; with another error where the connection failed.
   */
  request(method: string, params: object, options: RequestOptions): Promise<unknown>;
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

/** Milliseconds that a server may take to end after it was asked to. */
export const closeGraceMs = 2_000;
