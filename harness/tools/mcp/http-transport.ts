import { setTimeout as delay } from 'node:timers/promises';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { ServerAccess } from './auth/authorization.ts';
import { createBoundedFetch } from './http-fetch.ts';
import { ConnectionFault, createRequests, isStrayAnswer, unknownId } from './requests.ts';
import type { HttpServer } from './server-spec.ts';
import {
  closeGraceMs,
  mostMessageBytes,
  type ServerTransport,
  type TransportListener,
} from './server-transport.ts';

/**
 * An MCP server over Streamable HTTP, with tokens where `access` has them. Closing ends its session, so that none is left on
 * the server.
 */
export function createHttpTransport(
  { url, headers }: HttpServer,
  { onExcess }: Pick<TransportListener, 'onExcess'>,
  access?: ServerAccess,
): ServerTransport {
  const bounded = createBoundedFetch({ mostMessageBytes, onExcess });
  const wire = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers },
    fetch: access?.fetch(bounded) ?? bounded,
  });
  const requests = createRequests((message) => wire.send(message as JSONRPCMessage));
  let closing: Promise<void> | undefined;
  const transport: ServerTransport = {
    async start() {
      wire.onmessage = (received) => {
        // A server that sends its own token back puts it before no model and into no file.
        const message = access?.clean(received) ?? received;
        if (requests.settle(message)) return;
        if (isStrayAnswer(message)) transport.onerror?.(new Error(unknownId));
        else transport.onmessage?.(message);
      };
      wire.onerror = (error) => transport.onerror?.(error);
      wire.onclose = () => {
        requests.rejectAll(new ConnectionFault('the connection was closed'));
        transport.onclose?.();
      };
      await wire.start();
    },
    send: (message) => wire.send(message),
    setProtocolVersion: (version) => wire.setProtocolVersion(version),
    request: requests.send,
    close() {
      closing ??= endSession(wire).then(() => wire.close());
      return closing;
    },
  };
  return transport;
}

/** Tells the server that its session is over. One that does not answer is left after `closeGraceMs`. */
async function endSession(wire: StreamableHTTPClientTransport): Promise<void> {
  const told = wire.terminateSession().catch(() => undefined);
  await Promise.race([told, delay(closeGraceMs, undefined, { ref: false })]);
}
