import { describe, expect, test, vi } from 'vitest';
import type { Caller } from '../results/codes.ts';
import type { Surface, Tool, ToolResult } from '../tools/mcp/surface.ts';
import { characters } from './testing/trial-environment.ts';
import { measureDefinitions, ResultSizeMeter } from './tool-record.ts';

const tool: Tool = {
  server: 'crm',
  name: 'get_order',
  identifier: 'get_order',
  description: 'One order.',
  inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
  outputSchema: {
    type: 'object',
    properties: { order: { type: 'object', properties: { total: { type: 'number' } } } },
  },
};

const surfaceOf = (...tools: Tool[]): Surface => [
  { server: 'crm', implementation: { name: 'crm', version: '1' }, tools },
];

async function measureResults(caller: Caller, ...texts: string[]) {
  const meter = new ResultSizeMeter(characters);
  const results = [...texts];
  const callTool = meter.watch(
    async (): Promise<ToolResult> => ({ isError: false, text: results.shift() ?? '', isJson: true }),
  );
  for (const _ of texts) await callTool(tool, {}, caller, new AbortController().signal);
  return meter.read();
}

describe('results', () => {
  test('that are errors are counted, and the text that came most often is kept, cut off', async () => {
    const meter = new ResultSizeMeter(characters);
    const texts = ['timeout', 'no such column: stok', 'no such column: stok', 'x'.repeat(300)];
    const callTool = meter.watch(
      async (): Promise<ToolResult> => ({ isError: true, text: texts.shift() ?? '', isJson: false }),
    );
    for (const _ of [1, 2, 3]) await callTool(tool, {}, { kind: 'model' }, new AbortController().signal);
    expect(meter.read()).toMatchObject([{ errors: 3, error: 'no such column: stok' }]);
    for (const _ of [4, 5, 6, 7]) {
      texts.push('x'.repeat(300));
      await callTool(tool, {}, { kind: 'model' }, new AbortController().signal);
    }
    expect(meter.read()).toMatchObject([{ errors: 7, error: `${'x'.repeat(200)}…` }]);
  });

  test('that are long and alike are read once, whichever trial gets them', async () => {
    const text = JSON.stringify({ notes: 'x'.repeat(1024 * 1024) });
    const parse = vi.spyOn(JSON, 'parse');
    const both = await Promise.all(
      [1, 2].map(() => measureResults({ kind: 'model' }, text, ` ${text}`.slice(1))),
    );
    expect(both[0]?.[0]?.fields).toEqual({ notes: 2 * (1024 * 1024 + 2) });
    expect(both[1]).toEqual(both[0]);
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
  });

  test('are summed by tool, and by field two names deep', async () => {
    const one = '{"order":{"total":12.5,"items":[{"sku":"A"},{"sku":"B"}]},"notes":["ab","c"]}';
    const two = '{"order":null,"notes":[]}';
    const [sizes] = await measureResults({ kind: 'model' }, one, two);
    expect(sizes).toEqual({
      server: 'crm',
      tool: 'get_order',
      calls: 2,
      errors: 0,
      bytes: one.length + two.length,
      tokens: one.length + two.length,
      fields: { order: 4, 'order.total': 4, 'order.items[]': 22, 'notes[]': 7 },
    });
  });

  test('have no tokens where a program reads them, since no model does', async () => {
    const [sizes] = await measureResults({ kind: 'program', sha256: '' }, '{"a":1}');
    expect(sizes).toMatchObject({ bytes: 7, tokens: 0 });
  });

  test('nested as deep as a server likes are one value from the fifth list on', async () => {
    const depth = 100_000;
    const [sizes] = await measureResults(
      { kind: 'model' },
      `{"n":1,"d":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    );
    expect(sizes?.fields).toEqual({ n: 1, 'd[][][][]': 2 * (depth - 4) });
  });

  test('do not depend on the order in which they came', async () => {
    const texts = ['{"a":1}', '{"b":[{"c":"x"}]}', '{"a":22}'];
    const forwards = await measureResults({ kind: 'model' }, ...texts);
    expect(await measureResults({ kind: 'model' }, ...texts.toReversed())).toEqual(forwards);
  });

  test('keyed by data keep only their largest fields', async () => {
    const keyed = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`id${at}`, 'x'.repeat(at)]));
    const [sizes] = await measureResults({ kind: 'model' }, JSON.stringify(keyed));
    expect(Object.keys(sizes?.fields ?? {})).toHaveLength(64);
    expect(sizes?.fields.id499).toBe(501);
  });
});

describe('definitions', () => {
  test('are cut into the description and the properties of both schemas', () => {
    const [sizes] = measureDefinitions(surfaceOf(tool), characters);
    expect(Object.keys(sizes?.parts ?? {})).toEqual([
      'description',
      'input',
      'input.id',
      'output',
      'output.order',
      'output.order.total',
    ]);
    expect(sizes?.parts['input.id']?.tokens).toBe('"id":{"type":"string"}'.length);
    expect(sizes?.parts['output.order.total']?.tokens).toBe('"total":{"type":"number"}'.length);
  });

  test('have another hash exactly where a part is another', () => {
    const [before] = measureDefinitions(surfaceOf(tool), characters);
    const [same] = measureDefinitions(surfaceOf({ ...tool }), characters);
    const [after] = measureDefinitions(surfaceOf({ ...tool, description: 'Two order.' }), characters);
    expect(same).toEqual(before);
    expect(after?.hash).not.toBe(before?.hash);
    expect(after?.parts.input).toEqual(before?.parts.input);
    expect(after?.parts.description?.tokens).toBe(before?.parts.description?.tokens);
    expect(after?.parts.description?.hash).not.toBe(before?.parts.description?.hash);
  });

  test('may hold schemas of any shape', () => {
    const odd = { ...tool, inputSchema: { type: 'object', properties: { a: true, b: { items: [1] } } } };
    const list = {
      type: 'object',
      properties: { rows: { type: 'array', items: { properties: { x: {} } } } },
    };
    const [sizes] = measureDefinitions(surfaceOf({ ...odd, outputSchema: list } as Tool), characters);
    expect(Object.keys(sizes?.parts ?? {})).toContain('output.rows[].x');
    expect(Object.keys(sizes?.parts ?? {})).toContain('input.b');
  });
});
