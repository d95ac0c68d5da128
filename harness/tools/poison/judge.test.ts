import { expect, test } from 'vitest';
import type { Listing } from '../mcp/listing.ts';
import type { PlantedKind } from './canary.ts';
import { isRefusedBeside, judgeListing } from './judge.ts';

const tool = (name: string) => ({ name, description: 'Gets it.', inputSchema: { type: 'object' } });

const honest = {
  initialize: { serverInfo: { name: 'crm', version: '1' }, instructions: 'Ids are stable.' },
  tools: [tool('get_contact'), tool('list_orders')],
};

/** What is said of a text at one place of the server. */
function judge(place: string, kind: PlantedKind = 'order') {
  const fields = { unused: undefined, returned: undefined, passed: undefined };
  const target = { server: 'crm', used: 'get_contact', unused: 'list_orders', fields };
  return judgeListing(honest, { target, names: new Set([place]), kind });
}

test('the check of names refuses a look-alike server, warns of a look-alike tool, and sees no other name', () => {
  const names = [
    'look-alike-server',
    'look-alike-server-tool',
    'look-alike-tool',
    'shadowing-tool',
    'tool-name',
  ];
  for (const kind of ['order', 'twin'] as const) {
    expect(names.map((name) => judge(name, kind).lookAlike)).toEqual([
      'refused',
      'refused',
      'warned',
      null,
      null,
    ]);
  }
  // What is not in a name it does not look at, though other warnings do.
  for (const place of ['instructions', 'description-front', 'parameter-name', 'result-field'])
    expect(judge(place).lookAlike, place).toBeNull();
  expect(judge('description-front').warned).toBe(true);
});

test('next to a pinned server another is refused for its name or the name of a tool, and an honest one is not', () => {
  const listing = (server: string, ...tools: string[]): Listing => ({
    server,
    implementation: { name: server, version: '1' },
    instructions: undefined,
    tools: tools.map(tool) as Listing['tools'],
  });
  const pinned = listing('contacts', 'get_contact');
  expect(isRefusedBeside(pinned, listing('c0ntacts', 'add'))).toBe(true);
  expect(isRefusedBeside(pinned, listing('notes', 'get_c0ntact'))).toBe(true);
  // Two servers may have a tool of the same name: programs and declarations name the server, too.
  expect(isRefusedBeside(pinned, listing('notes', 'get_contact'))).toBe(false);
  expect(isRefusedBeside(pinned, listing('notes', 'get_contact_by_id'))).toBe(false);
  // Control: with the other one pinned, nothing is left to resemble.
  expect(isRefusedBeside(listing('files', 'read'), listing('c0ntacts', 'get_c0ntact'))).toBe(false);
});

test('three thousand tools next to as many pinned ones are looked at without hanging', () => {
  const many = (server: string): Listing => ({
    server,
    implementation: { name: server, version: '1' },
    instructions: undefined,
    tools: Array.from({ length: 3_000 }, (_, at) => tool(`${server}_tool_${at}`)) as Listing['tools'],
  });
  const started = performance.now();
  expect(isRefusedBeside(many('contacts'), many('files'))).toBe(false);
  expect(performance.now() - started).toBeLessThan(5_000);
});
