import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { InfrastructureError } from '../errors.ts';
import { makeFolder } from '../testing/command-line.ts';
import { type Connection, connect } from './connection.ts';

const { signal } = new AbortController();
const timeouts = { connectMs: 20_000, callMs: 20_000 };
const open: Connection[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});

/** A server in plain JavaScript with a tool `ping`; `onCall` writes what it answers to a call, given `id`, `args`, `reads` and `methods`. */
async function serve(onCall: string): Promise<Connection> {
  const folder = makeFolder({
    'server.mjs': `
      import { createInterface } from 'node:readline';
      const answer = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
      let reads = 0;
      const methods = [];
      process.stdin.on('data', () => { reads += 1; });
      createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method, params } = JSON.parse(line);
        methods.push(method);
        const args = params?.arguments;
        if (method === 'initialize') answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'own', version: '1' } });
        else if (method === 'tools/list') answer(id, { tools: [{ name: 'ping', inputSchema: { type: 'object' } }] });
        else if (method === 'tools/call') { ${onCall} }
      });`,
  });
  const server = { command: process.execPath, args: [join(folder, 'server.mjs')], env: {} };
  const connection = await connect('own', server, timeouts, signal);
  open.push(connection);
  return connection;
}

const text = (value: string) => `answer(id, { content: [{ type: 'text', text: ${value} }] });`;

test('a message without end is a fault of the server, at the bound and not at a timeout', async () => {
  const connection = await serve(`
    const more = () => { while (process.stdout.write('x'.repeat(1 << 20))); process.stdout.once('drain', more); };
    more();`);
  const failed = connection.call('ping', {}, signal);
  await expect(failed).rejects.toThrow(InfrastructureError);
  await expect(failed).rejects.toThrow(`it answered with a message of more than ${256 * 1024 ** 2} bytes`);
});

test('a result of many megabytes arrives whole', async () => {
  const connection = await serve(text("'é'.repeat(20e6)"));
  const { text: got } = await connection.call('ping', {}, signal);
  expect(got.length).toBe(20e6);
  expect(got.endsWith('é')).toBe(true);
});

test('calls of one turn travel together', async () => {
  const connection = await serve(text('String(reads)'));
  const before = Number((await connection.call('ping', {}, signal)).text);
  const results = await Promise.all(Array.from({ length: 50 }, () => connection.call('ping', {}, signal)));
  expect(Math.max(...results.map(({ text: reads }) => Number(reads))) - before).toBeLessThan(5);
});

test('a call that is given up is called off at the server', async () => {
  const connection = await serve(`if (!args.wait) ${text('methods.slice(-3).join()')}`);
  const controller = new AbortController();
  const waiting = connection.call('ping', { wait: true }, controller.signal);
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await expect(waiting).rejects.toThrow('enough');
  const { text: methods } = await connection.call('ping', {}, signal);
  expect(methods).toBe('tools/call,notifications/cancelled,tools/call');
});

test('a server that ends takes all calls under way with it', async () => {
  const connection = await serve('process.stderr.write("out of luck"); process.exit(3);');
  const calls = [connection.call('ping', {}, signal), connection.call('ping', {}, signal)];
  for (const call of calls) await expect(call).rejects.toThrow(/Connection closed[\s\S]*out of luck/);
  await expect(connection.call('ping', {}, signal)).rejects.toThrow(InfrastructureError);
});
