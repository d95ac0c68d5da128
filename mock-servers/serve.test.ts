import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import crm from './crm/server.ts';
import { parseOptions } from './load.ts';
import { defineMockServer, defineTool, type MockServer } from './mock-server.ts';
import { openMock } from './open-mock.ts';
import { createMcpServer } from './serve.ts';
import { digestChanges, mockState, STATE_METHOD } from './state.ts';

async function connect(
  mock: MockServer = crm,
  options: Record<string, unknown> = { contacts: 20 },
): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const server = createMcpServer(openMock(mock, parseOptions(mock, options)));
  await server.connect(theirs);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(ours);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return client;
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
