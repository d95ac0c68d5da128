import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from '../harness/addresses.ts';
import { messageOf } from '../harness/errors.ts';
import type { MockServer } from './mock-server.ts';
import { checkEnvelope, checkHeaders, claimedVersion, MODERN_VERSION } from './modern-protocol.ts';
import { type OpenMock, openMock } from './open-mock.ts';
import {
  type Answer,
  answerMessage,
  errorCodes,
  PROTOCOL_VERSIONS,
  readMessage,
  refuse as refused,
} from './protocol.ts';
import type { TokenDemand, TokenGuard } from './token-guard.ts';

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
  options: Record<string, unknown>,
  { host = '127.0.0.1', port = 0, auth }: { host?: string; port?: number; auth?: TokenDemand } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const opened = openMock(mock, options);
  let guard: TokenGuard | undefined;
  const http = createServer((request, response) => {
    handle(opened, guard, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, messageOf(error));
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
    // Loaded only where tokens are demanded: it brings a library of its own.
    const { createTokenGuard } = await import('./token-guard.ts');
    guard = await createTokenGuard(opened, url, auth).catch(async (error: unknown) => {
      await close();
      throw error;
    });
  }
  return { url, close };
}

async function handle(
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
  const read = readMessage(message);
  if (read === undefined) return refuse(response, 400, 'request body is not a JSON-RPC message');
  const version = request.headers['mcp-protocol-version'];
  const { id, method, params } = read;
  const claimed = claimedVersion(params);
  if (id !== undefined && (version === MODERN_VERSION || claimed !== undefined)) {
    const refusal =
      claimed === undefined ? checkEnvelope(params) : checkHeaders(request.headers, method, params);
    return send(response, refusal ? refused(id, refusal) : await answerMessage(mock, read), modernStatus);
  }
  if (version !== undefined && ![...PROTOCOL_VERSIONS, MODERN_VERSION].some((spoken) => spoken === version)) {
    return refuse(response, 400, `MCP ${version} is not spoken here; ${PROTOCOL_VERSIONS.join(', ')} are`);
  }
  send(response, await answerMessage(mock, read));
}

/** Answers with JSON: no tool streams, and a plain body costs less than an event stream of one event. */
function send(
  response: ServerResponse,
  answer: Answer | undefined,
  statusOf: (answer: Answer) => number = () => 200,
): void {
  if (answer === undefined) return void response.writeHead(202).end();
  response.writeHead(statusOf(answer), { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}

/** Since 2026-07-28, what is wrong with a request is told by the status too. */
function modernStatus(answer: Answer): number {
  if (!('error' in answer) || answer.error.code === errorCodes.internalError) return 200;
  return answer.error.code === errorCodes.methodNotFound ? 404 : 400;
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

/** An error in the form of JSON-RPC, with the code that the SDK's transports use. */
function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }));
}
