import { expect, test } from 'vitest';
import type { JsonObject, JsonSchema } from '../json.ts';
import { declarationFile } from '../tools/browse/declaration.ts';
import { compileTypeScript } from '../tools/browse/testing/compile.ts';
import type { Tool } from '../tools/mcp/surface.ts';
import { starterFiles } from './starter.ts';

type Case = { value: unknown; args?: JsonObject; input?: JsonSchema; output?: JsonSchema };

const list = { type: 'array', items: { type: 'object' } };
const path = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };
const optional = { type: 'object', properties: { path: { type: 'string' } } };
const none = { type: 'object', properties: {}, additionalProperties: false };

/** What a call gave, with the schemas of its tool, by a name of the case. */
const cases: Record<string, Case> = {
  text: { value: 'one\ntwo', args: { path: "it's" }, input: path },
  array: { value: [1, 2, 3], input: optional },
  rows: { value: { entities: [{}], relations: [] }, input: none },
  declared: {
    value: { rows: [{}] },
    input: none,
    output: { type: 'object', properties: { rows: list }, required: ['rows'] },
  },
  maybe: { value: { rows: [{}] }, output: { type: 'object', properties: { rows: list } } },
  nested: {
    value: { content: 'a' },
    output: { anyOf: [{ type: 'object', properties: { content: { type: 'string' } } }, { type: 'object' }] },
  },
  numbers: { value: { 'a-b': 1, c: 2 }, output: { type: 'object', properties: { c: { type: 'number' } } } },
  empty: { value: {} },
};

const tools = Object.entries(cases).map(
  ([name, { input = { type: 'object' }, output }]): Tool => ({
    server: 'own',
    name,
    identifier: name,
    description: '',
    inputSchema: input,
    ...(output && { outputSchema: output }),
  }),
);

const files = Object.fromEntries(
  tools.map((tool) => {
    const { value, args = {} } = cases[tool.name] ?? { value: null };
    const servers = [{ name: 'own', configured: 'its-own' }];
    return [tool.name, starterFiles({ servers, tool, args, value, writes: tool.name === 'empty' })];
  }),
);

test('the program of a first workflow fits the declarations of its servers', { timeout: 60_000 }, () => {
  const programs = Object.entries(files).map(([name, file]) => [name, file['program.ts']]);
  const surface = [{ server: 'own', implementation: { name: 'own', version: '1' }, tools }];
  const sources = { ...Object.fromEntries(programs), 'mcp.d': declarationFile(surface) };
  expect(compileTypeScript(sources)).toEqual([]);
  const wrong = (files.text?.['program.ts'] ?? '').replace('path:', 'file:');
  expect(compileTypeScript({ ...sources, text: wrong })).toMatchObject([{ file: 'text' }]);
});

test.each([
  ['text', "{ lines: result.split('\\n').length }", '{ lines: 2 }', 'how many lines its text has'],
  [
    'rows',
    '{ entities: result.entities.length',
    '{ entities: 1, relations: 0 }',
    '{"entities", "relations"}: how many of each',
  ],
  ['numbers', '{ fields: Object.keys(result).length }', '{ fields: 2 }', 'how many fields'],
])('it answers with counts: of %s', (name, answer, truth, task) => {
  const file = files[name];
  expect(file?.['program.ts']).toContain(`return ${answer}`);
  expect(file?.['scenario.ts']).toContain(`truth: () => (${truth})`);
  expect(file?.['scenario.ts']).toContain(task);
  expect(file?.['scenario.ts']).toContain("own: { configured: 'its-own' }");
});

test('it writes only where its tool does', () => {
  expect(files.empty?.['scenario.ts']).toContain('writes: true');
  expect(files.text?.['scenario.ts']).not.toContain('writes');
});
