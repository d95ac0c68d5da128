import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { isLoopback } from '../harness/addresses.ts';
import type { MockServer } from './mock-server.ts';
import { type OpenMock, openMock } from './open-mock.ts';
import { STATE_METHOD } from './state.ts';
import type { TokenDemand, TokenGuard } from './token-guard.ts';

/** Options of a mock server, complete, as `parseOptions` returns them. */
type Options = Record<string, unknown>;

const stateRequestSchema = z.object({ method: z.literal(STATE_METHOD) });

/** An MCP server for one client of `mock`; not yet connected. Clients share the data, never this object. */
export function createMcpServer(mock: OpenMock): Server {
  const { name, title, version, instructions } = mock.server;
  // The SDK's McpServer would parse arguments and word their errors itself; here both are the mock's own.
  const server = new Server({ name, title, version }, { capabilities: { tools: {} }, instructions });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: mock.definitions }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    if (mock.latencyMs > 0) await delay(mock.latencyMs);
    return mock.call(params.name, params.arguments);
  });
  server.setRequestHandler(stateRequestSchema, () => mock.state());
  return server;
}

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

const MCP_PATH = '/mcp';

/** Largest request body that is read, in bytes. */
const BODY_LIMIT = 4 * 1024 * 1024;

/**
 * Serves any number of clients over Streamable HTTP at `url`, all on one dataset. `port` 0 takes a free one. Without `auth`
 * it takes any request and keeps no sessions; with it, each request needs a token of that issuer, and each session is its
 * opener's. Rejects where it cannot listen or the issuer's keys are not found. `close` ends all connections.
 */
export async function serveHttp(
  mock: MockServer,
  options: Options,
  { host = '127.0.0.1', port = 0, auth }: { host?: string; port?: number; auth?: TokenDemand } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const opened = openMock(mock, options);
  let guard: TokenGuard | undefined;
  const http = createServer((request, response) => {
    answer(opened, guard, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  http.listen({ host, port });
  await once(http, 'listening');
  const { address, family, port: actualPort } = http.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}${MCP_PATH}`;
  const close = async () => {
    http.close();
    http.closeAllConnections();
    await once(http, 'close');
  };
  if (auth) {
    // Loaded only here, as is the rest of HTTP.
    const { createTokenGuard } = await import('./token-guard.ts');
    guard = await createTokenGuard(opened, url, auth).catch(async (error: unknown) => {
      await close();
      throw error;
    });
  }
  return { url, close };
}

async function answer(
  mock: OpenMock,
  guard: TokenGuard | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const foreign = foreignHeader(request);
  if (foreign !== undefined) return refuse(response, 403, `${foreign} header is not of this machine`);
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (guard && path === guard.metadataPath && request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' });
    return void response.end(JSON.stringify(guard.metadata));
  }
  if (path !== MCP_PATH) return refuse(response, 404, `nothing at ${path}; MCP is at ${MCP_PATH}`);
  let message: unknown;
  // Read before a token is looked at: which scope is needed depends on the tool that the body calls.
  if (request.method === 'POST') {
    const body = await readBody(request);
    if (body === undefined) return refuse(response, 413, `request body is larger than ${BODY_LIMIT} bytes`);
    try {
      message = JSON.parse(body);
    } catch {
      return refuse(response, 400, 'request body is not JSON');
    }
  }
  const admission = await guard?.admit(request, message);
  if (admission?.admitted === false)
    return refuse(response, admission.status, admission.message, admission.headers);
  if (admission && request.method === 'DELETE') return void response.writeHead(200).end();
  // No tool streams, so there is nothing to open with GET; without a guard there is nothing to DELETE either.
  if (request.method !== 'POST') return refuse(response, 405, 'this server answers POST requests only');
  for (const [name, value] of Object.entries(admission?.headers ?? {})) response.setHeader(name, value);
  // Loaded only here: a server over stdio is started for every trial.
  const { StreamableHTTPServerTransport } = await import(
    '@modelcontextprotocol/sdk/server/streamableHttp.js'
  );
  // A server and a transport for each request: sharing either mixes up clients (CVE-2026-25536).
  const server = createMcpServer(mock);
  response.once('close', () => void server.close());
  // No tool streams, and a plain JSON body costs less than an event stream of one event.
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  // The class declares its optional callbacks in a way that `exactOptionalPropertyTypes` does not accept.
  await server.connect(transport as Transport);
  await transport.handleRequest(request, response, message);
}

/**
 * The name of a header that a page elsewhere on the web would send, had it pointed its own host name at this machine
 * (DNS rebinding); `undefined` where both are of this machine.
 */
function foreignHeader(request: IncomingMessage): 'Host' | 'Origin' | undefined {
  const { host, origin } = request.headers;
  if (host === undefined || !isHere(`http://${host}`)) return 'Host';
  if (origin !== undefined && !isHere(origin)) return 'Origin';
  return undefined;
}

function isHere(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && isLoopback(url);
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

/** An error in the form of JSON-RPC, with the code that the SDK's transport uses. */
function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }));
}
