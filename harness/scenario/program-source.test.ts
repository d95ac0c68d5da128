import { describe, expect, test } from 'vitest';
import type { Surface } from '../tools/mcp/surface.ts';
import { ScenarioFault } from './ask.ts';
import {
  allowedSurface,
  findToolUses,
  readStepSources,
  refuseMissingTools,
  writeProgram,
} from './program-source.ts';
import type { Scenario } from './scenario.ts';

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

const used = (body: string) => findToolUses(body).uses.map(({ server, tool }) => `${server}.${tool}`);

describe('the tools that a program uses', () => {
  test('are found with whether a loop statement repeats them', () => {
    const { uses, open } = findToolUses(`
      const page: { ids: number[] } = await mcp.crm.list({});
      for (const id of page.ids) await mcp.crm.get({ id });
      return Promise.all(page.ids.map((id) => mcp.mail.send({ id })));`);
    expect(uses).toEqual([
      { server: 'crm', tool: 'list', inLoop: false },
      { server: 'crm', tool: 'get', inLoop: true },
      { server: 'mail', tool: 'send', inLoop: false },
    ]);
    expect(open).toEqual([]);
  });

  test('are not what comments, texts and other objects name', () => {
    expect(
      used(`// formerly mcp.crm.fetch_all, a list of find and count
        const count = Object.keys(rows).length;
        const rows = await mcp.mongodb.aggregate({ note: 'mcp.mongodb.find' });
        return other.mcp.crm.list(rows.find(Boolean), { mcp: 1, crm: count });`),
    ).toEqual(['mongodb.aggregate']);
  });

  test.each([
    ['const { crm } = mcp; return crm.get({});', ['crm.get']],
    ['const { crm: { get, list: all } } = mcp; await all({}); return get({});', ['crm.list', 'crm.get']],
    ['const crm = mcp.crm; for (;;) await crm.get({});', ['crm.get']],
    ['const get = mcp.crm.get; return ids.map(get);', ['crm.get']],
    ['return ids.map(mcp.crm.get);', ['crm.get']],
    [`return mcp['crm']["get"]({}) ?? mcp?.crm?.list({});`, ['crm.get', 'crm.list']],
    ['return mcp.crm.get.call(null, {});', ['crm.get']],
    ['const { get } = mcp.crm; return 1;', []],
  ])('are followed through constants: %s', (body, names) => {
    expect(used(body)).toEqual(names);
    expect(findToolUses(body).open).toEqual([]);
  });

  test.each([
    ['return mcp.crm[name]({});', ['crm']],
    ['return load(mcp.crm);', ['crm']],
    ['const { get, ...rest } = mcp.crm; return rest;', ['crm']],
    ['return Object.keys(mcp);', [null]],
    ['for (const server of [mcp[name]]) server.get({});', [null]],
  ])('are open where the text does not say them: %s', (body, open) => {
    expect(findToolUses(body).open).toEqual(open);
  });
});

const surface = [
  {
    server: 'crm',
    implementation: { name: 'crm', version: '1' },
    tools: ['get_contact', 'list_contacts'].map((name) => ({ server: 'crm', name, identifier: name })),
  },
] as unknown as Surface;

const refuse = (body: string, tools?: Record<string, string[]>) => () => {
  const scenario = { name: 'mine', tools, sources: [{ body, input: undefined }] } as unknown as Scenario;
  refuseMissingTools(scenario, allowedSurface(scenario, surface));
};

describe('the tools that a program calls', () => {
  test.each<[string, string, Record<string, string[]> | undefined, string]>([
    ['a misspelt tool', 'await mcp.crm.get_contakt({});', undefined, 'Nearest: get_contact'],
    ['a server that is not there', 'await mcp.crn.get_contact({});', undefined, 'no server "crn"'],
    [
      'a tool that the scenario does not allow',
      'await mcp.crm.get_contact({});',
      { crm: ['list_contacts'] },
      'calls mcp.crm.get_contact, which is not among the tools of "crm" that this scenario may use',
    ],
    ['an allowed tool that is not there', 'return 1;', { crm: ['drop'] }, 'may use crm.drop'],
  ])('%s is a fault of the scenario', (_, body, tools, message) => {
    expect(refuse(body, tools)).toThrow(ScenarioFault);
    expect(refuse(body, tools)).toThrow(message);
  });

  test('are not those that comments and texts name', () => {
    expect(
      refuse(`
      // formerly mcp.crm.fetch_all({})
      const note = 'mcp.crm.drop_all';
      return mcp.crm.get_contact({ note });`),
    ).not.toThrow();
  });
});
