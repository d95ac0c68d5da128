import { request } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { expect, onTestFinished, test } from 'vitest';
import crm from './crm/server.ts';
import { parseOptions } from './load.ts';
import { serveHttp } from './serve-http.ts';

async function serve(): Promise<string> {
  const { url, close } = await serveHttp(crm, parseOptions(crm, { contacts: 30 }), { port: 0 });
  onTestFinished(close);
  return url;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport as Transport);
  onTestFinished(() => client.close());
  return client;
}

type Answer = { status: number | undefined; body: string };

/** A request by hand: fetch would not let a test set Host. */
function send(url: string, method: string, headers: Record<string, string>, body?: unknown): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(url, {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
  });
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode, body: text }));
  });
  outgoing.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  return promise;
}

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

test('two clients at once get their own answers, from one dataset', async () => {
  const url = await serve();
  const [a, b] = await Promise.all([connect(url), connect(url)]);

  const ids = Array.from({ length: 30 }, (_, index) => `con_${String(index + 1).padStart(6, '0')}`);
  const read = (client: Client, id: string) => client.callTool({ name: 'get_contact', arguments: { id } });
  const results = await Promise.all(
    ids.flatMap((id, index) => [read(a, id), read(b, ids.at(-1 - index) ?? id)]),
  );
  const received = results.map(
    ({ structuredContent }) => (structuredContent as { contact: { id: string } }).contact.id,
  );
  // Both clients number their requests alike, so an answer that strayed would show as the wrong contact.
  expect(received).toEqual(ids.flatMap((id, index) => [id, ids.at(-1 - index)]));

  await a.callTool({ name: 'tag_contact', arguments: { id: 'con_000001', tags: ['vip'] } });
  expect(await read(b, 'con_000001')).toHaveProperty(
    'structuredContent.contact.tags',
    expect.arrayContaining(['vip']),
  );
});

test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '10.0.0.1'])(
  'the Host %s is refused',
  async (host) => {
    const { status } = await send(await serve(), 'POST', { host }, initialize);
    expect(status).toBe(403);
  },
);

test.each([
  ['http://evil.example', 403],
  ['null', 403],
  ['http://localhost:5173', 200],
])('the Origin %s is answered with %i', async (origin, expected) => {
  const { status } = await send(await serve(), 'POST', { origin }, initialize);
  expect(status).toBe(expected);
});

test('a request needs no session, and none is given out', async () => {
  const url = await serve();
  const { status, body } = await send(url, 'POST', {}, listTools);
  expect([status, JSON.parse(body)]).toEqual([200, expect.objectContaining({ id: 1 })]);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(initialize),
  });
  expect(response.headers.get('mcp-session-id')).toBeNull();
});

test.each([
  ['a GET for a stream', 'GET', undefined, 405],
  ['a DELETE of a session', 'DELETE', undefined, 405],
  ['a body that is no JSON', 'POST', '{', 400],
  ['a body that is no message', 'POST', '[]', 400],
  ['a body beyond 4 MiB', 'POST', ' '.repeat(4 * 1024 * 1024 + 1), 413],
])('%s is refused', async (_what, method, body, expected) => {
  const { status } = await send(await serve(), method, {}, body);
  expect(status).toBe(expected);
});

test('a notification is accepted without an answer', async () => {
  const accepted = await send(
    await serve(),
    'POST',
    {},
    { jsonrpc: '2.0', method: 'notifications/initialized' },
  );
  expect(accepted).toEqual({ status: 202, body: '' });
});

test.each([
  ['2025-06-18', 200],
  ['1999-01-01', 400],
])('version %s of MCP is answered with %i', async (version, expected) => {
  const { status } = await send(await serve(), 'POST', { 'mcp-protocol-version': version }, listTools);
  expect(status).toBe(expected);
});

test('another path is not found', async () => {
  const url = await serve();
  expect((await send(new URL('/', url).href, 'POST', {}, initialize)).status).toBe(404);
});

test('closing ends open connections and frees the port', async () => {
  const { url, close } = await serveHttp(crm, parseOptions(crm, { contacts: 1 }));
  const client = await connect(url);
  await client.listTools();
  await close();
  await expect(send(url, 'POST', {}, initialize)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  const { port } = new URL(url);
  const again = await serveHttp(crm, parseOptions(crm, { contacts: 1 }), { port: Number(port) });
  await again.close();
});

test('a port that is taken rejects', async () => {
  const port = Number(new URL(await serve()).port);
  await expect(serveHttp(crm, parseOptions(crm, { contacts: 1 }), { port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
