import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import type { Scenario } from './scenario.ts';
import { findConfiguredServers, readMcpConfig, resolveServers } from './servers.ts';

const write = (text: string) => join(makeFolder({ '.mcp.json': text }), '.mcp.json');
const own = { command: 'node', args: ['\u0024{PB_TOKEN}'] };

describe('a .mcp.json', () => {
  test('may begin with a byte order mark', () => {
    const file = write(`\ufeff${JSON.stringify({ mcpServers: { own } })}`);
    expect(Object.keys(readMcpConfig(file).mcpServers)).toEqual(['own']);
  });

  test('in the form of VS Code is refused with what to rename', () => {
    expect(() => readMcpConfig(write(JSON.stringify({ servers: { own } })))).toThrow(
      'Rename that to "mcpServers"',
    );
  });

  test('that is not JSON is refused without a word of it', () => {
    const file = write(
      '{ "mcpServers": { "own": { "command": "node", "env": { "KEY": "sk-canary" "A": 1 } } } }',
    );
    expect(() => readMcpConfig(file)).toThrow(/ is not JSON \(line 1 column \d+\)\.$/);
    expect(() => readMcpConfig(file)).not.toThrow('canary');
  });

  test('notes what variables were filled in with', () => {
    process.env.PB_TOKEN = 'sk-canary';
    try {
      const { own: server } = findConfiguredServers(write(JSON.stringify({ mcpServers: { own } })));
      expect(server).toMatchObject({
        args: ['sk-canary'],
        filledIn: [{ value: 'sk-canary', place: 'variable PB_TOKEN' }],
      });
    } finally {
      delete process.env.PB_TOKEN;
    }
  });
});

describe('the servers of a scenario', () => {
  test('are ours only where it names one of ours, by no name and no word of another', async () => {
    const file = write(JSON.stringify({ mcpServers: { crm: { ...own, args: [], mock: true } } }));
    const servers = {
      ours: { mock: 'crm' },
      crm: { configured: 'crm' },
      parametric: { command: 'node', args: ['crm.js'] },
      remote: { url: 'http://127.0.0.1:9/mcp' },
    };
    const scenario = { name: 'scene', folder: '.', servers: () => servers } as unknown as Scenario;
    const resolved = await resolveServers(scenario, { params: {}, seed: 1 }, file);
    expect(Object.keys(resolved).filter((name) => resolved[name]?.mock)).toEqual(['ours']);
  });
});
