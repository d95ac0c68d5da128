import { expect, test } from 'vitest';
import type { Surface, Tool } from '../mcp/surface.ts';
import { writeByReference } from './references.ts';
import { usedFunctions } from './script.ts';

test('values are written as paths to what is known where that is shorter', () => {
  const rows = [
    { id: 'contact-000001', name: 'Ada Lovelace' },
    { id: 'contact-000002', name: 'Alan Turing' },
  ];
  const write = writeByReference('seen', [{ rows }]);
  expect(write([rows[1] ?? null])).toBe('[seen[0].rows[1]]');
  expect(write({ id: 'contact-000001', n: 5 })).toBe('{"id":"contact-000001","n":5}');
  expect(write({ rows })).toBe('seen[0]');
  expect(write('unknown to everybody')).toBe('"unknown to everybody"');
});

test('a look-up is made of the tools that the program uses, and of an open server only those it may mean', () => {
  const tool = (server: string, identifier: string) => ({ server, identifier }) as Tool;
  const surface = [
    { server: 'mongodb', tools: ['aggregate', 'find', 'list', 'count'].map((name) => tool('mongodb', name)) },
    { server: 'mail', tools: ['send', 'keys'].map((name) => tool('mail', name)) },
  ] as unknown as Surface;
  const names = (body: string) =>
    usedFunctions([{ body, input: undefined }], surface).map(({ identifier }) => identifier);
  expect(
    names(`// list them
      const count = Object.keys(rows).length; return mcp.mongodb.aggregate(rows.find(Boolean));`),
  ).toEqual(['aggregate']);
  expect(names(`const name = all ? 'find' : 'count'; return mcp.mongodb[name]({});`)).toEqual([
    'find',
    'count',
  ]);
});
