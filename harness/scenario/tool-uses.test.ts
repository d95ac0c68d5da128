import { describe, expect, test } from 'vitest';
import type { Surface } from '../tools/mcp/surface.ts';
import { ScenarioFault } from './ask.ts';
import type { Scenario } from './scenario.ts';
import { allowedSurface, findToolUses, refuseMissingTools } from './tool-uses.ts';

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
    tools: [
      {
        server: 'crm',
        name: 'get_contact',
        identifier: 'get_contact',
        inputSchema: { properties: { id: {} } },
      },
      { server: 'crm', name: 'list_contacts', identifier: 'list_contacts', inputSchema: {} },
    ],
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

  test('are none of a server that the scenario does not name, whatever it is called', () => {
    const named = ['crm', 'constructor'].map((server) => ({ ...surface[0], server })) as Surface;
    const usable = allowedSurface({ name: 'mine', tools: { crm: ['get_contact'] } }, named);
    expect(usable.map(({ tools }) => tools.map(({ name }) => name))).toEqual([['get_contact'], []]);
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

describe('the tools that a scenario wants approved', () => {
  const wants = (tools: Record<string, Record<string, string[]>>) => () =>
    allowedSurface({ name: 'mine', approvals: { per: 'arguments', tools, latencyMs: 1 } }, surface);

  test.each<[string, Record<string, Record<string, string[]>>, string]>([
    [
      'a misspelt tool',
      { crm: { get_contakt: [] } },
      'mine wants approvals for crm.get_contakt, which that server does not have. Nearest: get_contact',
    ],
    [
      'a server that is not there',
      { crn: { get_contact: [] } },
      'crn.get_contact, which is on no server of it.',
    ],
    [
      'an argument that the tool does not take',
      { crm: { get_contact: ['idd'] } },
      'mine wants approvals of calls of crm.get_contact by the argument "idd", which that tool does not take. Nearest: id',
    ],
  ])('%s is a fault of the scenario', (_, tools, message) => {
    expect(wants(tools)).toThrow(ScenarioFault);
    expect(wants(tools)).toThrow(message);
  });

  test('are those that there are, with arguments that the tool takes or leaves open', () => {
    expect(wants({ crm: { get_contact: ['id'], list_contacts: ['any'] } })).not.toThrow();
  });
});
