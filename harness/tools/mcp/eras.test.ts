import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import crm from '../../../mock-servers/crm/server.ts';
import { parseOptions } from '../../../mock-servers/load.ts';
import { serveHttp } from '../../../mock-servers/serve-http.ts';
import type { ProtocolEra } from '../../results/codes.ts';
import { startMockServer } from '../../scenario/servers.ts';
import { makeFolder } from '../../testing/command-line.ts';
import { type Legacy, serveModernHttp } from '../../testing/modern-server.ts';
import { serverCommand } from '../../testing/server-command.ts';
import { type Connection, connect } from './connections.ts';
import type { ReachableServer } from './server-spec.ts';
import type { UserInput } from './wire.ts';

// Three servers are processes, of half a second of CPU time each time.

const timeouts = { connectMs: 60_000, callMs: 60_000 };
const { signal } = new AbortController();
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function open(server: ReachableServer, protocolEra: ProtocolEra): Promise<Connection> {
  const connection = await connect('s', { ...server, protocolEra }, timeouts, signal);
  opened.push(connection);
  return connection;
}

async function modernHttp(legacy: Legacy): Promise<ReachableServer> {
  const server = await serveModernHttp(legacy);
  opened.push(server);
  return { url: server.url, headers: {} };
}

const modernStdio = (legacy: Legacy): ReachableServer => ({
  ...serverCommand('modern-server.ts', legacy),
  env: {},
});

/** A server in plain JavaScript that knows the handshake alone; at another first request it does as `onOther` says. */
function legacyStdio(onOther: string): ReachableServer {
  const folder = makeFolder({
    'server.mjs': `
      import { createInterface } from 'node:readline';
      const say = (id, more) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...more }) + '\\n');
      createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method, params, result } = JSON.parse(line);
        if (id === undefined) return;
        const requestedSchema = { type: 'object', properties: { sure: { type: 'boolean' } }, required: ['sure'] };
        if (params?.name === 'ask') {
          const request = { jsonrpc: '2.0', id: 'asked ' + id, method: 'elicitation/create', params: { message: 'Sure?', requestedSchema } };
          return void process.stdout.write(JSON.stringify(request) + '\\n');
        }
        if (result) return say(Number(id.slice(6)), { result: { content: [{ type: 'text', text: JSON.stringify(result) }] } });
        if (method === 'initialize') say(id, { result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'own', version: '1' } } });
        else if (method === 'tools/list') say(id, { result: { tools: [{ name: 'seen', inputSchema: { type: 'object' } }] } });
        else if (method === 'tools/call') say(id, { result: { content: [{ type: 'text', text: JSON.stringify(params._meta ?? null) }] } });
        else { ${onOther} }
      });`,
  });
  return { command: process.execPath, args: [join(folder, 'server.mjs')], env: {} };
}
const refusesOthers = `say(id, { error: { code: -32601, message: 'Method not found' } });`;

const legacy = '2025-11-25';
const modern = '2026-07-28';

describe('the era that is asked for', () => {
  const servers: [string, () => Promise<ReachableServer>, Record<ProtocolEra, string | RegExp>][] = [
    ['of both eras over HTTP', () => modernHttp('serve'), { legacy, auto: modern, modern }],
    [
      'of the newer one over HTTP',
      () => modernHttp('reject'),
      { legacy: /set "protocolEra": "modern"/, auto: modern, modern },
    ],
    ['of both eras over stdio', async () => modernStdio('serve'), { legacy, auto: modern, modern }],
    [
      'of the newer one over stdio',
      async () => modernStdio('reject'),
      { legacy: /set "protocolEra": "modern"/, auto: modern, modern },
    ],
    [
      'of the older one over stdio',
      async () => legacyStdio(refusesOthers),
      { legacy, auto: legacy, modern: /set "protocolEra": "legacy"/ },
    ],
  ];
  const cases = servers.flatMap(([name, reach, came]) =>
    (Object.entries(came) as [ProtocolEra, string | RegExp][]).map(([era, version]) => ({
      name,
      era,
      version,
      reach,
    })),
  );

  test.each(cases)(
    '$era with a server $name is $version, also in what the server saw',
    async ({ era, version, reach }) => {
      const server = await reach();
      if (version instanceof RegExp) return expect(open(server, era)).rejects.toThrow(version);
      const connection = await open(server, era);
      expect(connection.protocolVersion).toBe(version);
      const { text } = await connection.call('seen', {}, signal);
      if (version === modern) expect(text).toContain(modern);
      else expect(text).toBe('null');
    },
  );
});

test('a server that ends when it is asked for its era says so, with the way out', async () => {
  const failed = open(legacyStdio('process.exit(4);'), 'auto');
  await expect(failed).rejects.toThrow(/it ended with exit code 4\..*"protocolEra": "legacy"/s);
});

test('a server of the older protocol that asks in the middle of a call is given input, too', async () => {
  const connection = await open({ ...legacyStdio(refusesOthers), input: { sure: true } }, 'legacy');
  const { text } = await connection.call('ask', {}, signal);
  expect(JSON.parse(text)).toEqual({ action: 'accept', content: { sure: true } });
});

describe('a mock server', () => {
  const options = parseOptions(crm, { contacts: 20 });
  const overHttp = async (): Promise<ReachableServer> => {
    const served = await serveHttp(crm, options);
    opened.push(served);
    return { url: served.url, headers: {}, mock: { name: 'crm', options } };
  };
  const inProcess = async (): Promise<ReachableServer> => ({
    ...(await startMockServer('crm', { contacts: 20 })),
    inProcess: true,
  });

  test.each([
    ['HTTP', overHttp],
    ['its own process', () => startMockServer('crm', { contacts: 20 })],
    ['this process', inProcess],
  ])('over %s is the same in both eras, and has seen what it was spoken to in', async (_, reach) => {
    const eras: ProtocolEra[] = ['legacy', 'modern'];
    const said: unknown[] = [];
    for (const era of eras) {
      const connection = await open(await reach(), era);
      const results = [
        await connection.call('get_contact', { id: 'con_000003' }, signal),
        await connection.call('get_contact', { id: 'con_999999' }, signal),
        await connection.call('no_such_tool', {}, signal),
      ];
      said.push({ listing: connection.listing, surface: connection.surface, results });
      const { eras: seen, calls } = (await connection.state()) ?? {};
      expect(seen).toEqual({ [era]: 3 });
      expect(calls).toEqual({ get_contact: 2 });
    }
    expect(said[1]).toEqual(said[0]);
  });
});

describe('the newer protocol', () => {
  test('a call that wants input is an error of the tool where none can be given', async () => {
    const connection = await open(await modernHttp('reject'), 'modern');
    const result = await connection.call('ask', {}, signal);
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining('elicitation') });
  });

  test.each<[string, UserInput, object]>([
    [
      'is made again with what there is of it',
      { sure: true, other: 'x' },
      { action: 'accept', content: { sure: true } },
    ],
    ['is declined where a part of it is missing', { why: 'no' }, { action: 'decline' }],
  ])('a call that wants input %s: one call of two attempts', async (_, input, form) => {
    const connection = await open({ ...(await modernHttp('reject')), input }, 'modern');
    const { text, attempts } = await connection.call('ask', {}, signal);
    expect([JSON.parse(text), attempts]).toEqual([{ form }, 2]);
    expect(await connection.call('add', { a: 1, b: 2 }, signal)).not.toHaveProperty('attempts');
  });

  test('a call that wants input without end is given up', async () => {
    const connection = await open({ ...(await modernHttp('reject')), input: { sure: true } }, 'modern');
    const result = await connection.call('ask', { always: true }, signal);
    expect(result).toMatchObject({
      isError: true,
      text: expect.stringContaining('asked for input more than 10 times'),
    });
  });

  test('a structured result may be an array, as its schema says', async () => {
    const connection = await open(await modernHttp('reject'), 'modern');
    expect(connection.surface.tools.find(({ name }) => name === 'list')?.outputSchema).toMatchObject({
      type: 'array',
    });
    expect(await connection.call('list', {}, signal)).toEqual({
      isError: false,
      text: '[1,2]',
      isJson: true,
    });
  });

  test('a list that changes in the middle of a trial is noticed, however long it could be kept', async () => {
    const connection = await open(await modernHttp('reject'), 'modern');
    expect((await connection.call('add', { a: 1, b: 2 }, signal)).text).toBe('{"sum":3}');
    await connection.call('grow', {}, signal);
    // The notice comes on a stream of its own.
    await vi.waitFor(
      () =>
        expect(connection.call('add', { a: 1, b: 2 }, signal)).rejects.toThrow(
          'changed its tools in the middle',
        ),
      20_000,
    );
  });

  test('64 calls at a time each get their own answer', async () => {
    for (const server of [await modernHttp('reject'), modernStdio('reject')]) {
      const connection = await open(server, 'modern');
      const sums = await Promise.all(
        Array.from({ length: 64 }, (_, a) => connection.call('add', { a, b: 1 }, signal)),
      );
      expect(sums.map(({ text }) => text)).toEqual(Array.from({ length: 64 }, (_, a) => `{"sum":${a + 1}}`));
    }
  });
});
