import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { createMcpServer } from './mcp-server.ts';
import type { OpenMock } from './open-mock.ts';

export const MCP_PATH = '/mcp';

/** Largest request body that is read, in bytes. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** Codes of JSON-RPC and of the MCP SDK's HTTP transport. */
const PARSE_ERROR = -32700;
const REFUSED = -32000;
const SESSION_NOT_FOUND = -32001;

type Sessions = Map<string, StreamableHTTPServerTransport>;

/** An HTTP server, not yet listening, that speaks MCP on `/mcp`. `closeSessions` ends all sessions it has. */
export function createHttpServer(mock: OpenMock): {
  http: Server;
  sessionCount(): number;
  closeSessions(): Promise<void>;
} {
  const sessions: Sessions = new Map();
  const http = createServer((request, response) => {
    answer(mock, sessions, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, REFUSED, error instanceof Error ? error.message : String(error));
    });
  });
  return {
    http,
    sessionCount: () => sessions.size,
    async closeSessions() {
      await Promise.all([...sessions.values()].map((transport) => transport.close()));
    },
  };
}

async function answer(
  mock: OpenMock,
  sessions: Sessions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const foreign = foreignHeader(request);
  if (foreign !== undefined)
    return refuse(response, 403, REFUSED, `${foreign} header is not of this machine`);
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path !== MCP_PATH) return refuse(response, 404, REFUSED, `nothing at ${path}; MCP is at ${MCP_PATH}`);

  const sessionId = request.headers['mcp-session-id'];
  if (typeof sessionId === 'string') {
    const transport = sessions.get(sessionId);
    if (transport === undefined) return refuse(response, 404, SESSION_NOT_FOUND, 'Session not found');
    return transport.handleRequest(request, response);
  }
  if (request.method !== 'POST') return refuse(response, 400, REFUSED, 'Mcp-Session-Id header is required');

  const body = await readBody(request);
  if (body === undefined) {
    return refuse(response, 413, REFUSED, `request body is larger than ${BODY_LIMIT} bytes`);
  }
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return refuse(response, 400, PARSE_ERROR, 'request body is not JSON');
  }
  if (!isInitializeRequest(message)) {
    return refuse(response, 400, REFUSED, 'Mcp-Session-Id header is required after initialize');
  }
  const transport = await openSession(mock, sessions);
  await transport.handleRequest(request, response, message);
}

/** Each session gets a server and a transport of its own: sharing either mixes up clients (CVE-2026-25536). */
async function openSession(mock: OpenMock, sessions: Sessions): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    // No tool streams, and a plain JSON body costs less than an event stream of one event.
    enableJsonResponse: true,
    onsessioninitialized: (id) => {
      sessions.set(id, transport);
    },
  });
  const server = createMcpServer(mock);
  server.onclose = () => {
    if (transport.sessionId !== undefined) sessions.delete(transport.sessionId);
  };
  // The class declares its optional callbacks in a way that `exactOptionalPropertyTypes` does not accept.
  await server.connect(transport as Transport);
  return transport;
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

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}
