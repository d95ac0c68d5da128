import { describe, expect, it } from 'vitest';
import { createListingBounds } from './listing.ts';

function admit(tools: unknown[]): () => void {
  return () => createListingBounds('server').admit(tools);
}

function tool(definition: object): object {
  return { name: 'big', inputSchema: { type: 'object' }, ...definition };
}

describe('the bounds of a listing', () => {
  it('let usual tools pass', () => {
    expect(admit([tool({ description: 'Does something.' })])).not.toThrow();
  });

  let deep: object = { type: 'string' };
  for (let level = 0; level < 200; level += 1) deep = { type: 'object', properties: { a: deep } };
  let abyss: object = {};
  for (let level = 0; level < 100_000; level += 1) abyss = { a: abyss };

  it.each([
    [
      'a description of 1 MB',
      [tool({ description: 'x'.repeat(1_000_000) })],
      '"big" has a description of 1,000,000',
    ],
    [
      '10,000 tools',
      Array.from({ length: 10_000 }, (_, i) => tool({ name: `t${i}` })),
      'more than 5,000 tools',
    ],
    ['a schema of 200 levels', [tool({ inputSchema: deep })], 'nested more than 128 levels'],
    ['a definition of 100,000 levels', [tool({ _meta: abyss })], 'nested more than 128 levels'],
    [
      '5,000 alternatives',
      [tool({ inputSchema: { anyOf: Array.from({ length: 5_000 }, () => ({})) } })],
      'anyOf of 5000 alternatives',
    ],
    ['a title of 2 MB', [tool({ title: 'x'.repeat(2_000_000) })], 'bytes of definition'],
    [
      'a million objects',
      [tool({ _meta: { all: Array.from({ length: 1_000_000 }, () => ({})) } })],
      'more than 50000 objects',
    ],
  ])('refuse %s', (_, tools, message) => {
    expect(admit(tools)).toThrow(message);
  });

  it('count over all pages', () => {
    const bounds = createListingBounds('server');
    const page = Array.from({ length: 2_000 }, (_, i) => tool({ name: `t${i}` }));
    bounds.admit(page);
    bounds.admit(page);
    expect(() => bounds.admit(page)).toThrow('more than 5,000 tools');
  });
});

it('what a server says of itself is bounded as its descriptions are', () => {
  const bounds = createListingBounds('server');
  const implementation = { name: 'own', version: '1' };
  expect(() => bounds.admitServer(implementation, 'x'.repeat(100_000))).not.toThrow();
  expect(() => bounds.admitServer(implementation, 'x'.repeat(100_001))).toThrow(
    'instructions of 100,001 characters',
  );
  expect(() => bounds.admitServer({ ...implementation, title: 'x'.repeat(100_001) }, undefined)).toThrow(
    'it describes itself with',
  );
});

it('a name of a tool is shown escaped', () => {
  expect(() =>
    createListingBounds('server').admit([tool({ name: 'a\u202e', description: 'x'.repeat(1e6) })]),
  ).toThrow('its tool "a\\u{202e}" has');
});
