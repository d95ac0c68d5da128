import { describe, expect, test } from 'vitest';
import { readStepSources, writeProgram } from './program-source.ts';

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
    ['a function that is not there', 'const x = 1;', 'f', 'no top-level'],
    ['an arrow function', 'export const f = async (mcp) => 1;', 'f', 'arrow function'],
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
