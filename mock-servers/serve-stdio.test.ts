import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, onTestFinished, test } from 'vitest';
import { mockState, STATE_METHOD } from './state.ts';

const entry = `
  import { loadMockServer, parseOptions } from ${JSON.stringify(import.meta.resolve('./load.ts'))};
  import { serveStdio } from ${JSON.stringify(import.meta.resolve('./serve-stdio.ts'))};
  const mock = await loadMockServer('crm');
  await serveStdio(mock, parseOptions(mock, { contacts: 50 }));
`;
const args = ['--input-type=module', '--eval', entry];

function request(id: number, method: string, params: object = {}): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
}

const initialize = request(0, 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
});

test('a client can list, call and read the state over stdio', async () => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  onTestFinished(() => client.close());
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain('get_last_order');
  const ids = Array.from({ length: 50 }, (_, index) => `con_${String(index + 1).padStart(6, '0')}`);
  const results = await Promise.all(
    ids.map((contactId) => client.callTool({ name: 'get_last_order', arguments: { contactId } })),
  );
  for (const [index, { structuredContent }] of results.entries()) {
    const { order } = structuredContent as { order: { contactId: string } | null };
    if (order !== null) expect(order.contactId).toBe(ids[index]);
  }
  const { calls } = await client.request({ method: STATE_METHOD }, mockState);
  expect(calls).toEqual({ get_last_order: 50 });
});

test('the server answers what it read last, writes JSON-RPC only, and ends when standard input does', async () => {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const output = text(child.stdout);
  const call = request(1, 'tools/call', { name: 'get_contacts', arguments: {} });
  child.stdin.end(`${initialize}this is no JSON\n${call}`);
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  const messages = (await output)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(messages.map(({ jsonrpc, id }) => [jsonrpc, id])).toEqual([
    ['2.0', 0],
    ['2.0', 1],
  ]);
  expect(messages[1].result.structuredContent.total).toBe(50);
});

test('the server ends quietly when its client stops reading', async () => {
  const child = spawn(process.execPath, args, { stdio: 'pipe' });
  const complaints = text(child.stderr);
  child.stdin.on('error', () => {});
  child.stdin.write(initialize);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.write(request(1, 'tools/list'));
  const [code] = await once(child, 'exit');
  expect([code, await complaints]).toEqual([0, '']);
});
