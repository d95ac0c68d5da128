import { describe, expect, test } from 'vitest';
import type { Surface } from '../tools/mcp/surface.ts';
import { allowedSurface, refuseMissingTools } from './allowed.ts';
import { ScenarioFault } from './ask.ts';
import type { Scenario } from './scenario.ts';

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
