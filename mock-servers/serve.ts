import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createHttpServer, MCP_PATH } from './http-sessions.ts';
import { createMcpServer } from './mcp-server.ts';
import type { MockServer } from './mock-server.ts';
import { openMock } from './open-mock.ts';

/** Options of a mock server, complete, as `parseOptions` returns them. */
type Options = Record<string, unknown>;

/**
 * Serves one client over this process's standard input and output, which nothing else may write to. Resolves when the
 * client has gone; the process can then end by itself.
 */
export async function serveStdio(mock: MockServer, options: Options): Promise<void> {
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
  const server = createMcpServer(openMock(mock, options));
  server.onclose = leave;
  // Answers to what was read last are sent within this turn of the event loop, so the end waits for the next.
  process.stdin.once('end', () => setImmediate(leave));
  process.stdin.once('close', () => setImmediate(leave));
  // A client that is killed leaves a broken pipe behind; without a listener that would be an uncaught exception.
  process.stdout.once('error', leave);
  await server.connect(new StdioServerTransport());
  await gone;
  await server.close();
}

/**
 * Serves any number of clients over Streamable HTTP at `url`, all on one dataset. `port` 0 takes a free one. Rejects
 * where it cannot listen. `close` ends all sessions and connections.
 */
export async function serveHttp(
  mock: MockServer,
  options: Options,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const { http, closeSessions } = createHttpServer(openMock(mock, options));
  http.listen({ host, port });
  await once(http, 'listening');
  const { address, family, port: actualPort } = http.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}${MCP_PATH}`,
    async close() {
      await closeSessions();
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}
