import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import crm from './crm/server.ts';
import { parseOptions } from './load.ts';
import { defineMockServer, defineTextTool, defineTool, type MockServer } from './mock-server.ts';
import { type OpenMock, openMock } from './open-mock.ts';
import { answerMessage, readMessage } from './protocol.ts';
import { digestChanges, mockState, STATE_METHOD } from './state.ts';

async function connect(
  mock: MockServer = crm,
  options: Record<string, unknown> = { contacts: 20 },
): Promise<Client> {
  const opened = openMock(mock, parseOptions(mock, options));
  const transport: Transport = {
    start: async () => {},
    close: async () => transport.onclose?.(),
    async send(message) {
      const answer = await answerTo(opened, message);
      if (answer !== undefined) transport.onmessage?.(answer as JSONRPCMessage);
    },
  };
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

/** As both transports do: what comes in was text. */
async function answerTo(opened: OpenMock, sent: unknown) {
  const message = readMessage(JSON.parse(JSON.stringify(sent)));
  if (message === undefined) throw new Error(`this is no message: ${JSON.stringify(sent)}`);
  return answerMessage(opened, message);
}

const readState = (client: Client) => client.request({ method: STATE_METHOD }, mockState);

test('a client sees name, version, instructions and tools with both schemas and annotations', async () => {
  const client = await connect();
  expect(client.getServerVersion()).toEqual({ name: 'crm', title: 'CRM', version: crm.version });
  expect(client.getInstructions()).toBe(crm.instructions);
  const { tools } = await client.listTools();
  expect(tools.length).toBeGreaterThanOrEqual(22);
  for (const tool of tools) {
    expect(tool.title, tool.name).toBeTruthy();
    expect(tool.description, tool.name).toMatch(/\.$/);
    expect(tool.inputSchema.additionalProperties, tool.name).toBe(false);
    expect(tool.outputSchema?.type, tool.name).toBe('object');
    expect(typeof tool.annotations?.readOnlyHint, tool.name).toBe('boolean');
    expect(JSON.stringify(tool), tool.name).not.toContain('$schema');
  }
});

test('a result comes as structured content and as the same JSON in one text block', async () => {
  const client = await connect();
  const result = await client.callTool({ name: 'get_contact', arguments: { id: 'con_000001' } });
  expect(result.isError).toBeUndefined();
  expect(result.structuredContent).toHaveProperty('contact.id', 'con_000001');
  expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(result.structuredContent) }]);
});

test.each([
  ['text', 'Three shirts.', 'Three shirts.'],
  ['JSON', { shirts: 3 }, '{"shirts":3}'],
])('a tool without output schema answers in text alone: %s', async (_what, answer, text) => {
  const shop = defineMockServer({
    name: 'shop',
    title: 'Shop',
    version: '1',
    instructions: '',
    options: z.object({ seed: z.int().default(1) }),
    create: () => ({
      changes: () => [],
      tools: [
        defineTextTool({
          name: 'count',
          title: 'Count',
          description: 'Counts.',
          input: z.strictObject({}),
          handle: () => answer,
        }),
      ],
    }),
  });
  const client = await connect(shop, {});
  const { tools } = await client.listTools();
  expect(tools[0]).not.toHaveProperty('outputSchema');
  expect(tools[0]).not.toHaveProperty('annotations');
  expect(await client.callTool({ name: 'count' })).toEqual({ content: [{ type: 'text', text }] });
});

test('refused arguments are a tool error that names the field and the rule', async () => {
  const client = await connect();
  const result = await client.callTool({ name: 'list_contacts', arguments: { limit: 500 } });
  expect(result).toEqual({
    isError: true,
    content: [
      {
        type: 'text',
        text: 'Invalid arguments for list_contacts:\n✖ Too big: expected number to be <=200\n  → at limit',
      },
    ],
  });
});

test('what a tool cannot do is a tool error in its own words', async () => {
  const client = await connect();
  const result = await client.callTool({ name: 'get_last_order', arguments: { contactId: 'con_999999' } });
  expect(result.isError).toBe(true);
  expect(result.content).toEqual([
    { type: 'text', text: 'contact "con_999999" not found; ids of this kind look like con_000007' },
  ]);
});

test('an unknown tool is a protocol error that names the nearest', async () => {
  const client = await connect();
  await expect(client.callTool({ name: 'get_contcts' })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining(
      'crm has no tool "get_contcts"; did you mean get_contacts or get_contact?',
    ),
  });
});

test('a tool that breaks is a protocol error, not an answer', async () => {
  const broken = defineMockServer({
    name: 'broken',
    title: 'Broken',
    version: '1',
    instructions: '',
    options: z.object({ seed: z.int().default(1) }),
    create: () => ({
      changes: () => [],
      tools: [
        defineTool({
          name: 'break',
          title: 'Break',
          description: 'Breaks.',
          input: z.strictObject({}),
          output: z.object({}),
          annotations: { readOnlyHint: true },
          handle: () => {
            throw new TypeError('a bug');
          },
        }),
      ],
    }),
  });
  const client = await connect(broken, {});
  await expect(client.callTool({ name: 'break' })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('a bug'),
  });
  expect((await readState(client)).errors).toEqual({ break: 1 });
});

test('the state counts calls and errors by tool and digests the changes', async () => {
  const client = await connect(crm, { contacts: '20', seed: 3 });
  const before = await readState(client);
  expect(before).toMatchObject({
    format: 'patternbench.state/v1',
    server: 'crm',
    options: { contacts: 20, seed: 3 },
    calls: {},
    errors: {},
    changes: [],
    digest: digestChanges([]),
  });

  await client.callTool({ name: 'tag_contact', arguments: { id: 'con_000001', tags: ['vip'] } });
  await client.callTool({ name: 'get_contact', arguments: {} });
  await client.callTool({ name: 'get_contact', arguments: { id: 'con_000001' } });
  const after = await readState(client);
  expect(after.calls).toEqual({ get_contact: 2, tag_contact: 1 });
  expect(after.errors).toEqual({ get_contact: 1 });
  expect(after.changes.map(({ operation, entity, id }) => [operation, entity, id])).toEqual([
    ['update', 'contact', 'con_000001'],
  ]);
  expect(after.digest).toBe(digestChanges(after.changes));
  expect(after.digest).not.toBe(before.digest);
});

test('the state is no tool, so no model sees it', async () => {
  const client = await connect();
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).join(' ')).not.toMatch(/state/);
});

describe('a message', () => {
  const mock = openMock(crm, parseOptions(crm, { contacts: 5 }));
  const ask = (method: string, params?: object) => answerTo(mock, { jsonrpc: '2.0', id: 7, method, params });

  test.each([
    ['2025-06-18', '2025-06-18'],
    ['2024-11-05', '2024-11-05'],
    ['1999-01-01', '2025-11-25'],
  ])('that asks for version %s of MCP is offered %s', async (wanted, offered) => {
    expect(await ask('initialize', { protocolVersion: wanted })).toMatchObject({
      id: 7,
      result: { protocolVersion: offered, capabilities: { tools: {} } },
    });
  });

  test('that pings is answered', async () => {
    expect(await ask('ping')).toEqual({ jsonrpc: '2.0', id: 7, result: {} });
  });

  test.each([
    ['of a method that there is not', 'resources/list', {}, -32601],
    ['with a call of no tool', 'tools/call', { arguments: {} }, -32602],
    ['with arguments that are no object', 'tools/call', { name: 'get_contact', arguments: [1] }, -32602],
    ['that names an inherited property', 'constructor', {}, -32601],
  ])('%s is answered with an error', async (_what, method, params, code) => {
    expect(await ask(method, params)).toMatchObject({ id: 7, error: { code } });
  });

  test.each([
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }],
    ['an answer', { jsonrpc: '2.0', id: 7, result: {} }],
  ])('that is %s is not answered', async (_what, message) => {
    expect(await answerTo(mock, message)).toBeUndefined();
  });

  test.each([
    '',
    '{',
    'null',
    '7',
    '[]',
    '{"id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","id":{},"method":"ping"}',
  ])('is not %s', (text) => {
    expect(readMessage(text)).toBeUndefined();
  });
});

test('calls wait for the latency of the server side by side', async () => {
  const order: string[] = [];
  const mock = { ...openMock(crm, parseOptions(crm, { contacts: 5 })), latencyMs: 20 };
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_account_info' } };
  await Promise.all([
    answerTo(mock, call).then(() => order.push('call')),
    answerTo(mock, { ...call, method: 'ping' }).then(() => order.push('ping')),
  ]);
  expect(order).toEqual(['ping', 'call']);
});
