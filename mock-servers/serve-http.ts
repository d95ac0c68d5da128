import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MockServer } from './mock-server.ts';
import { type OpenMock, openMock } from './open-mock.ts';
import { answerMessage, PROTOCOL_VERSIONS, readMessage } from './protocol.ts';

const MCP_PATH = '/mcp';

/** Largest request body that is read, in bytes. */
const BODY_LIMIT = 4 * 1024 * 1024;

/**
 * Serves any number of clients over Streamable HTTP at `url`, all on one dataset and without sessions. `port` 0 takes a
 * free one. Rejects where it cannot listen. `close` ends all connections.
 */
export async function serveHttp(
  mock: MockServer,
  options: Record<string, unknown>,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const opened = openMock(mock, options);
  const http = createServer((request, response) => {
    handle(opened, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  http.listen({ host, port });
  await once(http, 'listening');
  const { address, family, port: actualPort } = http.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}${MCP_PATH}`,
    async close() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

async function handle(mock: OpenMock, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const foreign = foreignHeader(request);
  if (foreign !== undefined) return refuse(response, 403, `${foreign} header is not of this machine`);
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path !== MCP_PATH) return refuse(response, 404, `nothing at ${path}; MCP is at ${MCP_PATH}`);
  // Without sessions there is no stream to open with GET, and nothing to DELETE.
  if (request.method !== 'POST') return refuse(response, 405, 'this server keeps no sessions; POST requests');
  const body = await readBody(request);
  if (body === undefined) return refuse(response, 413, `request body is larger than ${BODY_LIMIT} bytes`);
  const version = request.headers['mcp-protocol-version'];
  if (version !== undefined && !PROTOCOL_VERSIONS.some((spoken) => spoken === version)) {
    return refuse(response, 400, `MCP ${version} is not spoken here; ${PROTOCOL_VERSIONS.join(', ')} are`);
  }
  const message = readMessage(body);
  if (message === undefined) return refuse(response, 400, 'request body is not a JSON-RPC message');
  const answer = await answerMessage(mock, message);
  // No tool streams, and a plain JSON body costs less than an event stream of one event.
  if (answer !== undefined) return send(response, 200, answer);
  response.writeHead(202);
  response.end();
}

/**
 * The name of a header that a page elsewhere on the web would send, had it pointed its own host name at this machine
 * (DNS rebinding); `undefined` where both are of this machine.
 */
function foreignHeader(request: IncomingMessage): 'Host' | 'Origin' | undefined {
  const { host, origin } = request.headers;
  if (host === undefined || !isLoopback(`http://${host}`)) return 'Host';
  if (origin !== undefined && !isLoopback(origin)) return 'Origin';
  return undefined;
}

function isLoopback(address: string): boolean {
  const hostname = URL.parse(address)?.hostname ?? '';
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The body as text, or `undefined` where it is larger than `BODY_LIMIT`. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Read to the end even when it is too large: leaving early would cut the connection before the answer is out.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  return size <= BODY_LIMIT ? Buffer.concat(chunks).toString('utf8') : undefined;
}

/** An error in the form of JSON-RPC, with the code that the SDK's transports use. */
function refuse(response: ServerResponse, status: number, message: string): void {
  send(response, status, { jsonrpc: '2.0', error: { code: -32000, message }, id: null });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
