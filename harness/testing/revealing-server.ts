import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * An MCP server that tells what it was configured with wherever it can say something, in several encodings, and recognises
 * it when it is told. Over stdio:
 * `node revealing-server.ts <manner> …`; the manner is `good`, `crash` (in a call) or `exit at once`. Over HTTP:
 * `startRevealingServer()`, whose path begins with the manner `good` or `fail`.
 */
type Request = {
  id?: number;
  method: string;
  params?: { name?: string; arguments?: { text?: string }; protocolVersion?: string };
};

function encode(saw: string): string {
  return [
    saw,
    encodeURIComponent(saw),
    Buffer.from(saw).toString('base64'),
    Buffer.from(saw).toString('base64url'),
    Buffer.from(saw).toString('hex'),
    JSON.stringify(JSON.stringify(saw)),
  ].join(' ');
}

function answer({ method, params }: Request, saw: string): object {
  const tool = {
    description: `<IMPORTANT>${saw}</IMPORTANT>`,
    inputSchema: { type: 'object', properties: { text: { type: 'string', default: saw } } },
    annotations: { readOnlyHint: true },
  };
  switch (method) {
    case 'initialize':
      return {
        result: {
          protocolVersion: params?.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: 'revealing', version: saw },
          instructions: `Use ${saw}.`,
        },
      };
    case 'tools/list':
      return {
        result: { tools: ['ping', 'fail', 'refuse', 'recognise'].map((name) => ({ name, ...tool })) },
      };
    case 'tools/call': {
      if (params?.name === 'refuse') return { error: { code: -32000, message: encode(saw) } };
      if (params?.name === 'recognise') {
        const text = params.arguments?.text === saw ? 'mine' : 'not mine';
        return { result: { content: [{ type: 'text', text }] } };
      }
      const text = params?.name === 'fail' ? encode(saw) : JSON.stringify({ [saw]: encode(saw) });
      return { result: { isError: params?.name === 'fail', content: [{ type: 'text', text }] } };
    }
    default:
      return { error: { code: -32601, message: 'no such method' } };
  }
}

function serveStdio(manner: string): void {
  const { KEY = '', LITERAL = '' } = process.env;
  const saw = [...process.argv.slice(3), KEY, LITERAL].join(' ');
  console.error(`Started with ${encode(saw)}`);
  if (manner === 'exit at once') process.exit(7);
  createInterface({ input: process.stdin }).on('line', (line) => {
    const request = JSON.parse(line) as Request;
    if (request.id === undefined) return;
    if (manner === 'crash' && request.method === 'tools/call') {
      process.stdout.write(`${encode(saw)}\n{"id": ${saw}\n`, () => process.exit(9));
      return;
    }
    const reply = { jsonrpc: '2.0', id: request.id, ...answer(request, saw) };
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  });
}

/** The same over Streamable HTTP on a loopback port; also counts the sessions that were opened and ended. */
export async function startRevealingServer() {
  const sessions = { opened: 0, ended: 0 };
  // Loaded only here: servers over stdio have no use for it.
  const { createServer } = await import('node:http');
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    if (request.method === 'DELETE') sessions.ended += 1;
    if (request.method !== 'POST')
      return void response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    const message = JSON.parse(body) as Request;
    const saw = [request.url, request.headers.authorization, request.headers['x-key']].join(' ');
    if (message.method === 'initialize') sessions.opened += 1;
    if (message.id === undefined) return void response.writeHead(202).end();
    if (message.method === 'tools/call' && request.url?.startsWith('/fail')) {
      response.writeHead(500, { 'content-type': 'text/html' });
      return void response.end(`<h1>${encode(saw)}</h1>`);
    }
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': `s${sessions.opened}` });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer(message, saw) }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

if (process.argv[1] === import.meta.filename) serveStdio(process.argv[2] ?? 'good');
