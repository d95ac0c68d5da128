import { expect, test } from 'vitest';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';
import { usedFunctions } from './scripted-model.ts';

test('a look-up is made of the tools that the program uses, and of an open server only those it may mean', () => {
  const tool = (server: string, identifier: string) => ({ server, identifier }) as Tool;
  const surface = [
    { server: 'mongodb', tools: ['aggregate', 'find', 'list', 'count'].map((name) => tool('mongodb', name)) },
    { server: 'mail', tools: ['send', 'keys'].map((name) => tool('mail', name)) },
  ] as unknown as Surface;
  const names = (body: string) =>
    usedFunctions([{ body, input: undefined, lines: [] }], surface).map(({ identifier }) => identifier);
  expect(
    names(`// list them
      const count = Object.keys(rows).length; return mcp.mongodb.aggregate(rows.find(Boolean));`),
  ).toEqual(['aggregate']);
  expect(names(`const name = all ? 'find' : 'count'; return mcp.mongodb[name]({});`)).toEqual([
    'find',
    'count',
  ]);
});
