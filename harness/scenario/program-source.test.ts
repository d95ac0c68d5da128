import { describe, expect, test } from 'vitest';
import { placeInFile, readStepSources, writeProgram } from './program-source.ts';
import type { StepSource } from './scenario.ts';

const file = `
import type { Crm } from './crm.ts';

type Row = { name: string };

export default async function top(mcp: { crm: Crm }, { threshold, limit }: { threshold: number; limit: number }) {
  // What the model writes too.
  const rows: Row[] = await mcp.crm.list({ limit });
  if (rows.length > threshold) {
    return rows;
  }
  return [];
}

async function again(mcp: unknown, seen: { ids: string[] }) {
  return seen.ids;
}

export async function bare(mcp: unknown) {
  return 'Zürich';
}
`;

describe('reading a program file', () => {
  test('cuts the body out as it was written, types and comments included, without the shared indentation', () => {
    expect(readStepSources(file, ['top'])[0]?.body).toBe(
      [
        '// What the model writes too.',
        'const rows: Row[] = await mcp.crm.list({ limit });',
        'if (rows.length > threshold) {',
        '  return rows;',
        '}',
        'return [];',
      ].join('\n'),
    );
  });

  test('keeps the lines of a text in back quotes as they are', async () => {
    const written = `export default async function main(mcp) {
    const text = \`one
      two \${1 +
        1}
  three\`;
    return text;
}`;
    const source = readStepSources(written, ['main'])[0] as StepSource;
    const run = new Function(source.body) as () => string;
    expect(run()).toBe('one\n      two 2\n  three');
    expect(source.body).toMatch(/^const text/);
  });

  test('finds the functions of several steps, exported or not', () => {
    const sources = readStepSources(file, ['again', 'bare']);
    expect(sources.map((source) => source.input)).toEqual([{ name: 'seen' }, undefined]);
    expect(sources[1]?.body).toBe("return 'Zürich';");
  });

  test('finds a default export without a name', () => {
    const [source] = readStepSources('export default async function (mcp) { return 1; }', ['default']);
    expect(source?.body).toBe('return 1;');
  });

  test.each([
    ['a function that is not there', 'const x = 1;', 'f', 'no top-level function "f"'],
    ['a function without braces', 'export const f = async (mcp) => 1;', 'f', 'has no braces'],
    ['a function that is not async', 'export function f(mcp) { return 1; }', 'f', 'not async'],
    ['another name for mcp', 'export async function f(tools) { return 1; }', 'f', 'must be named mcp'],
    ['renamed inputs', 'export async function f(mcp, { a: b }) { return b; }', 'f', 'may only list names'],
  ])('refuses %s', (_, text, name, message) => {
    expect(() => readStepSources(text, [name])).toThrow(message);
  });
});

describe('writing a program', () => {
  test('gives the inputs that the step names as constants, and no others', () => {
    const [source] = readStepSources(file, ['top']);
    if (!source) throw new Error('no source');
    expect(writeProgram(source, { threshold: 5, limit: 2, secret: 'x' }).split('\n').slice(0, 2)).toEqual([
      'const threshold = 5;',
      'const limit = 2;',
    ]);
    expect(writeProgram(source, { threshold: 5, limit: 2, secret: 'x' })).not.toContain('secret');
  });

  test('gives what was seen under the name that the step has for it', () => {
    const [source] = readStepSources(file, ['again']);
    if (!source) throw new Error('no source');
    expect(writeProgram(source, { ids: ['a'] })).toBe('const seen = {"ids":["a"]};\nreturn seen.ids;');
  });
});

const withHelpers = `import type { Mcp } from './mcp.d.ts';
import { rate } from './rates.ts';

type Row = { id: string };
const digits = 3;
const pad = (id: string): string => id.padStart(digits, '0');

/** Reads one row. */
async function read(mcp: Mcp, id: string) {
  return mcp.shop.get({ id: pad(id) });
}
const unused = /x/, table: Record<string, number> = {};
for (const key of ['a', 'b']) table[key] = 1;

export const list = async (mcp: Mcp, { ids }: { ids: string[] }) => {
  const rows: Row[] = [];

  for (const id of ids) rows.push(await read(mcp, id));
  return rows;
};

async function price(mcp: Mcp) {
  return rate;
}

async function shadowed(mcp: Mcp) {
  const pad = 1;
  return [pad, await read(mcp, 'a')];
}

async function local(mcp: Mcp) {
  return [1].map((digits) => digits) && ((rate) => rate)(2);
}

export const steps = [{ program: list }];
`;

describe('what a program uses of the rest of its file', () => {
  const [list] = readStepSources(withHelpers, ['list']);
  if (!list) throw new Error('no source');

  test('is part of it, in the order of the file: helpers, what they use, and statements; no types', () => {
    expect(writeProgram(list, { ids: ['7'] })).toBe(
      [
        'const ids = ["7"];',
        'const digits = 3;',
        "const pad = (id: string): string => id.padStart(digits, '0');",
        'async function read(mcp: Mcp, id: string) {',
        '  return mcp.shop.get({ id: pad(id) });',
        '}',
        'const unused = /x/, table: Record<string, number> = {};',
        "for (const key of ['a', 'b']) table[key] = 1;",
        'const rows: Row[] = [];',
        '',
        'for (const id of ids) rows.push(await read(mcp, id));',
        'return rows;',
      ].join('\n'),
    );
  });

  test('has the lines of the file in messages', () => {
    const lines = writeProgram(list, { ids: [] }).split('\n');
    const places = ['rows.push(', 'mcp.shop.get('].map((code) =>
      placeInFile(list, lines.findIndex((line) => line.includes(code)) + 1),
    );
    const inFile = withHelpers.split('\n');
    expect(places).toEqual(
      ['rows.push(', 'mcp.shop.get('].map(
        (code) => `program.ts:${inFile.findIndex((line) => line.includes(code)) + 1}`,
      ),
    );
    expect(placeInFile(list, 1)).toBeUndefined();
    expect(placeInFile(list, 100)).toBeUndefined();
  });

  test('is not what its own names hide', () => {
    expect(readStepSources(withHelpers, ['local'])[0]?.body).not.toContain('const digits');
  });

  test.each([
    ['price', 'line 23: price uses "rate", which is imported'],
    ['shadowed', '"pad" is declared both in shadowed and outside of it'],
  ])('is refused where it cannot be told to a sandbox: %s', (name, message) => {
    expect(() => readStepSources(withHelpers, [name])).toThrow(message);
  });
});
