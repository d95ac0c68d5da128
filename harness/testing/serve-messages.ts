import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message of MCP as the servers of the tests read it. */
export type Message = {
  id?: number;
  method: string;
  params?: { name?: string; protocolVersion?: string; arguments?: Record<string, never> };
};

/**
 * Serves MCP over Streamable HTTP, in this process and without sessions: a process for each trial would take most of a test's time.
 * `respond` is handed the path that was asked for and the message, which is undefined where there is none; what it returns is the
 * answer. The server keeps no process alive.
 */
export async function serveMessages(
  respond: (path: string, message: Message | undefined) => object | undefined,
): Promise<{ origin: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.method !== 'POST') return response.writeHead(405).end();
    const answered = respond(request.url ?? '', body === '' ? undefined : JSON.parse(body));
    if (!answered) return response.writeHead(202).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  server.unref().on('connection', (socket) => socket.unref());
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}
