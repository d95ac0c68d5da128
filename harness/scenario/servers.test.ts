import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { ScenarioFault } from './ask.ts';
import type { Scenario } from './scenario.ts';
import { findConfiguredServers, readMcpConfig, serversOf } from './servers.ts';

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

  test('notes what variables were filled in with, and where its commands are installed', () => {
    const mcpConfigFile = write(JSON.stringify({ mcpServers: { own } }));
    const places = { mcpConfigFile, folder: '/nowhere', env: { PB_TOKEN: 'sk-canary' } };
    expect(findConfiguredServers(places).own?.server).toMatchObject({
      args: ['sk-canary'],
      filledIn: [{ value: 'sk-canary', place: 'variable PB_TOKEN' }],
      commandFolder: join(dirname(mcpConfigFile), 'node_modules/.bin'),
    });
  });
});

test.each([
  ['a command', own],
  ['an address', { url: 'http://127.0.0.1:9/mcp' }],
])('what a server at %s is given where it asks for input takes variables, too', (_, server) => {
  const input = { pin: '\u0024{PB_TOKEN}', sure: true };
  const mcpConfigFile = write(JSON.stringify({ mcpServers: { own: { ...server, input } } }));
  const found = findConfiguredServers({ mcpConfigFile, folder: '/nowhere', env: { PB_TOKEN: 'sk-canary' } });
  expect(found.own?.server.input).toEqual({ pin: 'sk-canary', sure: true });
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
    const places = { mcpConfigFile: file, folder: '/nowhere', env: { PB_TOKEN: '' } };
    const resolved = await serversOf(scenario, { params: {}, seed: 1 }, places).resolve();
    expect(Object.keys(resolved).filter((name) => resolved[name]?.mock)).toEqual(['ours']);
  });
});

describe('the servers of a scenario that all trials share', () => {
  const context = { params: {}, seed: 1 };
  const places = { mcpConfigFile: undefined, folder: '/nowhere', env: {} };

  test('are asked for once, when they are first wanted', async () => {
    const ask = vi.fn(() => ({ own: { command: 'node', args: ['own.js'] } }));
    const servers = serversOf({ name: 'scene', folder: '/scene', servers: ask } as never, context, places);
    expect(ask).not.toHaveBeenCalled();
    expect(servers.targets()).toMatchObject([{ server: 'own', key: 'scene/own', origin: 'scenario' }]);
    expect(await servers.resolve()).toMatchObject({ own: { command: 'node', cwd: '/scene' } });
    servers.targets();
    expect(ask).toHaveBeenCalledTimes(1);
  });

  test('meet each trial with the same fault where the scenario throws', async () => {
    const ask = vi.fn(() => {
      throw new RangeError('no port');
    });
    const servers = serversOf({ name: 'scene', folder: '/scene', servers: ask } as never, context, places);
    expect(() => servers.targets()).toThrow(ScenarioFault);
    await expect(servers.resolve()).rejects.toThrow('servers() threw RangeError: no port');
    expect(ask).toHaveBeenCalledTimes(1);
  });

  test('are found in the folder of the user, with variables of the user, not of this process', async () => {
    const folder = makeFolder({ '.mcp.json': JSON.stringify({ mcpServers: { own } }) });
    const scenario = { name: 'scene', folder: '/scene', servers: { mine: { configured: 'own' } } } as never;
    const at = (env: Record<string, string>) =>
      serversOf(scenario, context, { mcpConfigFile: undefined, folder, env });
    expect(await at({ PB_TOKEN: 'of the user' }).resolve()).toMatchObject({
      mine: { args: ['of the user'] },
    });
    await expect(at({}).resolve()).rejects.toThrow('needs the environment variable PB_TOKEN');
    expect(at({}).targets()).toMatchObject([{ key: 'own', origin: 'user' }]);
  });
});
