import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a server over HTTP stops to behave: in which request, and how its answer is sent. */
export type Misbehaviour = {
  at: 'initialize' | 'tools/list' | 'tools/call';
  as: 'json' | 'events' | 'error' | { redirect: string; status: number };
};

/**
 * An MCP server over Streamable HTTP on a loopback port, spoken by hand so that it can misbehave: at one request it answers
 * without end, as one string of JSON that is never closed, one event, or the text of an error; or it redirects.
 */
export async function startEndlessServer(misbehaviour: Misbehaviour) {
  /** Requests that came in, and how many bytes of the endless answer were read. */
  const seen = { requests: [] as { method: string; authorization: string | undefined }[], sentBytes: 0 };
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const { id, method = '', params } = body ? JSON.parse(body) : {};
    seen.requests.push({
      method: method || `${request.method}`,
      authorization: request.headers.authorization,
    });
    if (method === misbehaviour.at) return misbehave(misbehaviour.as, response, id, seen);
    if (id === undefined) return void response.writeHead(body ? 202 : 405).end();
    const result = answer(method, params);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    origin: `http://127.0.0.1:${port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

function misbehave(
  as: Misbehaviour['as'],
  response: ServerResponse,
  id: unknown,
  seen: { sentBytes: number },
): void {
  if (typeof as === 'object') {
    response.writeHead(as.status, { location: as.redirect }).end();
    return;
  }
  const type = as === 'events' ? 'text/event-stream' : 'application/json';
  response.writeHead(as === 'error' ? 500 : 200, { 'content-type': type });
  if (as === 'events') response.write(': hello\r\n\r\ndata: ');
  response.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`);
  const chunk = 'x'.repeat(1024 * 1024);
  const send = (): void => {
    while (!response.destroyed) {
      seen.sentBytes += chunk.length;
      if (!response.write(chunk)) return void response.once('drain', send);
    }
  };
  send();
}

function answer(method: string, params: { protocolVersion?: string } | undefined): object {
  const tool = { inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
  if (method === 'initialize') {
    const serverInfo = { name: 'endless', version: '1.0.0' };
    return { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === 'tools/list') return { tools: [{ name: 'ping', ...tool }] };
  return { content: [{ type: 'text', text: 'pong' }] };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}
