import { expect, test } from 'vitest';
import { editDistance } from '../nearest.ts';
import { withDistractors } from './distractors.ts';
import type { Connections } from './mcp/connections.ts';
import type { Surface, Tool } from './mcp/surface.ts';

const toolOf = (server: string, name: string): Tool => ({
  server,
  name,
  identifier: name,
  description: `Does ${name}.`,
  inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  outputSchema: { type: 'object', properties: { total: { type: 'number' } } },
  annotations: { readOnlyHint: true },
});

const serverOf = (server: string, ...names: string[]): Surface[number] => ({
  server,
  implementation: { name: server, version: '1.0.0' },
  tools: names.map((name) => toolOf(server, name)),
});

const crm = serverOf('crm', 'get_contact', 'list_orders', 'searchDeals');
const shop = serverOf('shop', 'get-stock');

/** Connections to two servers that answer with the name of the tool, and what further servers make of them. */
function distract(count: number, seed = 1, surface: Surface = [crm, shop]) {
  const connections = {
    surface,
    listings: [],
    call: async ({ name }: Tool) => ({ isError: false, text: name, isJson: false }),
  } as unknown as Connections;
  return withDistractors(connections, surface, { count, seed });
}

const call = (connections: Pick<Connections, 'call'>, tool: Tool) =>
  connections.call(tool, {}, new AbortController().signal);

test.each([1, 10, 100, 500])('adds %i tools, each under a name of its own', (count) => {
  const { surface, added, listings } = distract(count);
  const made = surface.filter(({ server }) => Object.hasOwn(added, server));
  expect(made.flatMap(({ tools }) => tools)).toHaveLength(count);
  expect(Object.values(added).flat()).toHaveLength(count);
  expect(new Set(surface.map(({ server }) => server)).size).toBe(surface.length);
  for (const { server, tools } of made) {
    expect(new Set(tools.map(({ identifier }) => identifier)).size).toBe(tools.length);
    expect(tools.every((tool) => tool.server === server)).toBe(true);
    expect(server).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/);
  }
  expect(listings).toHaveLength(made.length);
});

test('the names resemble those of the workflow and equal none, in their style', () => {
  const { surface } = distract(100);
  const own = new Set(['get_contact', 'list_orders', 'searchDeals', 'get-stock']);
  const names = surface.flatMap(({ server, tools }) =>
    server === 'crm' || server === 'shop' ? [] : tools.map(({ name }) => name),
  );
  for (const name of names) {
    expect(own.has(name), name).toBe(false);
    const nearest = Math.min(...[...own].map((each) => editDistance(name, each)));
    expect(nearest, name).toBeLessThanOrEqual(10);
  }
  expect(names.some((name) => /^get_contact_/.test(name))).toBe(true);
  expect(names.some((name) => /^(fetch|read|retrieve|load|show)_contact$/.test(name))).toBe(true);
  expect(names.some((name) => /^searchDeals[A-Z]/.test(name))).toBe(true);
  expect(names.some((name) => /^get-stock-/.test(name))).toBe(true);
});

test('says of every added tool which other system it is of, and keeps its schemas', () => {
  const { surface } = distract(10);
  const made = surface.find(({ server }) => server === 'crm_archive');
  expect(made?.instructions).toContain('Closed accounts');
  for (const { description, inputSchema, outputSchema } of made?.tools ?? []) {
    expect(description).toMatch(/^Does \w+\. Closed accounts/);
    expect({ inputSchema, outputSchema }).toEqual({
      inputSchema: crm.tools[0]?.inputSchema,
      outputSchema: crm.tools[0]?.outputSchema,
    });
  }
});

test('the same seed adds the same servers at the same places, which keep the order of the others', () => {
  const [one, again, other] = [distract(100), distract(100), distract(100, 2)];
  expect(again.surface).toEqual(one.surface);
  expect(other.surface).not.toEqual(one.surface);
  for (let seed = 1; seed <= 20; seed += 1) {
    const order = distract(100, seed).surface.map(({ server }) => server);
    expect(order.indexOf('crm')).toBeLessThan(order.indexOf('shop'));
  }
});

test('calls of own tools go to their server; an added server has nothing', async () => {
  const connections = distract(10);
  expect(await call(connections, crm.tools[0] as Tool)).toEqual({
    isError: false,
    text: 'get_contact',
    isJson: false,
  });
  const added = connections.surface.find(({ server }) => server === 'crm_archive')?.tools[0] as Tool;
  expect(await call(connections, added)).toMatchObject({ isError: true });
});

test('a workflow without tools has none to imitate', () => {
  expect(distract(10, 1, [serverOf('empty')]).surface.map(({ server }) => server)).toEqual(['empty']);
});
