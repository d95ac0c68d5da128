import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { InfrastructureError, UsageError } from '../errors.ts';
import { ScenarioFault } from '../scenario/ask.ts';
import type { Scenario, StateContext } from '../scenario/scenario.ts';
import { serversOf, trialDirReference } from '../scenario/servers.ts';
import { makeFolder } from '../testing/command-line.ts';
import { nowhere } from '../testing/scenario-files.ts';
import { serverCommand } from '../testing/server-command.ts';
import { serveStock } from '../testing/stock-server.ts';
import type { ServerSpec } from '../tools/mcp/server-spec.ts';
import { openTrialServers } from './trial-servers.ts';

const stockServer = resolve(import.meta.dirname, '../testing/stock-server.ts');
const timeouts = { connectMs: 20_000, callMs: 20_000 };
const context = { params: { items: 3 }, seed: 7 };
const never = new AbortController().signal;

function scenarioOf(stock: ServerSpec, change: Partial<Scenario> = {}): Scenario {
  return { name: 'reorder', folder: makeFolder({}), servers: { stock }, ...change } as Scenario;
}

const inFile = (file: string, env: Record<string, string> = {}): ServerSpec => ({
  ...serverCommand('stock-server.ts', file),
  env,
});

function open(scenario: Scenario, change: { limitMs?: number; interrupt?: AbortSignal } = {}) {
  const { interrupt = never } = change;
  const { params, seed } = context;
  const servers = serversOf(scenario, context, nowhere);
  return openTrialServers(
    { scenario, params, dataSeed: seed, servers },
    {
      timeouts,
      signal: interrupt,
      interrupt,
      ...change,
    },
  );
}

/** What an item that is short gets ordered, and how many items are short then. */
async function reorderOne(scenario: Scenario): Promise<number> {
  const { connections, close } = await open(scenario);
  try {
    const tool = (name: string) => {
      const found = connections.surface[0]?.tools.find((each) => each.name === name);
      if (!found) throw new Error(`no tool ${name}`);
      return found;
    };
    const short = JSON.parse((await connections.call(tool('query'), { below: 10 }, never)).text);
    await connections.call(tool('reorder'), { id: short[0].id }, never);
    return short.length;
  } finally {
    await close();
  }
}

const stocks: { close: () => void }[] = [];
async function openStock() {
  const stock = await serveStock();
  stocks.push(stock);
  return stock;
}
afterEach(() => {
  for (const stock of stocks.splice(0)) stock.close();
});

describe('the folder of a trial', () => {
  test('is new for each trial, in arguments, and gone afterwards', async () => {
    const scenario = scenarioOf(inFile(`${trialDirReference}/stock.db`));
    expect(await reorderOne(scenario)).toBe(await reorderOne(scenario));
    const { directory, close } = await open(scenario);
    expect(readdirSync(directory)).toContain('stock.db');
    await close();
    expect(existsSync(directory)).toBe(false);
  });

  test('without it, a file elsewhere keeps what the trial before has done', async () => {
    const scenario = scenarioOf(inFile(join(makeFolder({}), 'stock.db')));
    expect(await reorderOne(scenario)).toBe((await reorderOne(scenario)) + 1);
  });

  test('is in the environment and may be where a configured server starts', async () => {
    const script = `const fs = require('node:fs');
      fs.writeFileSync('seen.json', JSON.stringify([process.env.PATTERNBENCH_TRIAL_DIR, process.env.COPY]));
      import(${JSON.stringify(stockServer)}).then(() => {});`;
    const folder = makeFolder({
      '.mcp.json': JSON.stringify({
        mcpServers: {
          stock: {
            command: process.execPath,
            args: ['-e', script],
            cwd: trialDirReference,
            env: { COPY: `${trialDirReference}/copy` },
          },
        },
      }),
    });
    let seen: string[] = [];
    const scenario = scenarioOf(
      { configured: 'stock' },
      {
        folder,
        // It writes what it sees, and speaks no MCP.
        teardown: ({ trialDir }: StateContext) => {
          seen = existsSync(join(trialDir, 'seen.json'))
            ? [...JSON.parse(readFileSync(join(trialDir, 'seen.json'), 'utf8')), trialDir]
            : [];
        },
      },
    );
    await expect(open(scenario)).rejects.toThrow(InfrastructureError);
    expect(seen[0]).toBe(seen[2]);
    expect(seen[1]).toBe(join(seen[2] ?? '', 'copy'));
  });

  test('has no meaning in a URL', async () => {
    const folder = makeFolder({
      '.mcp.json': JSON.stringify({
        mcpServers: { stock: { url: `http://127.0.0.1:1/${trialDirReference}` } },
      }),
    });
    await expect(open(scenarioOf({ configured: 'stock' }, { folder }))).rejects.toThrow(UsageError);
  });
});

describe('setup and teardown', () => {
  test('run before the servers start and after they ended, with parameters, seed and folder', async () => {
    const events: unknown[] = [];
    const scenario = scenarioOf(inFile(`${trialDirReference}/stock.db`), {
      setup: async ({ trialDir, signal, ...rest }) => {
        events.push(['setup', readdirSync(trialDir), rest, signal.aborted]);
        writeFileSync(join(trialDir, 'prepared'), '');
      },
      teardown: ({ trialDir }) => events.push(['teardown', readdirSync(trialDir).sort()]),
    });
    const { close } = await open(scenario);
    expect(events).toEqual([['setup', [], context, false]]);
    await close();
    expect(events[1]).toEqual(['teardown', ['prepared', 'stock.db']]);
  });

  test('a setup that throws is a fault of the scenario; what it began is torn down', async () => {
    const teardown = vi.fn();
    const setup = () => {
      throw new TypeError('no such table');
    };
    const opening = open(scenarioOf(inFile(':memory:'), { setup, teardown }));
    await expect(opening).rejects.toThrow(ScenarioFault);
    await expect(opening).rejects.toThrow('scenario.ts: setup() threw TypeError: no such table');
    expect(teardown).toHaveBeenCalledOnce();
  });

  test('teardown also runs where a server does not start, whose fault is then told', async () => {
    const teardown = vi.fn(() => {
      throw new Error('hides the cause');
    });
    const broken = { command: process.execPath, args: ['-e', 'process.exit(3)'] };
    await expect(open(scenarioOf(broken, { teardown }))).rejects.toThrow('Server "stock"');
    expect(teardown).toHaveBeenCalledOnce();
  });

  test('a teardown that throws is a fault of the scenario, and the folder goes all the same', async () => {
    const teardown = () => Promise.reject(new Error('still locked'));
    const { close, directory } = await open(scenarioOf(inFile(':memory:'), { teardown }));
    await expect(close()).rejects.toThrow('teardown() threw Error: still locked');
    expect(existsSync(directory)).toBe(false);
  });

  test('are bounded in time, and told to stop', async () => {
    let told: AbortSignal | undefined;
    const setup = ({ signal }: StateContext) => {
      told = signal;
      return new Promise(() => undefined);
    };
    await expect(open(scenarioOf(inFile(':memory:'), { setup }), { limitMs: 20 })).rejects.toThrow(
      'setup() did not end within 20 ms',
    );
    expect(told?.aborted).toBe(true);
  });

  test('an interrupt ends the wait for setup and still tears down', async () => {
    const interrupt = new AbortController();
    const teardown = vi.fn();
    const setup = () => {
      interrupt.abort(new Error('SIGINT'));
      return new Promise(() => undefined);
    };
    const opening = open(scenarioOf(inFile(':memory:'), { setup, teardown }), {
      interrupt: interrupt.signal,
    });
    await expect(opening).rejects.toThrow('SIGINT');
    expect(teardown).toHaveBeenCalledOnce();
  });
});

describe('a server that outlives its trials', () => {
  test('keeps its state where it is not reset', async () => {
    const { url } = await openStock();
    expect(await reorderOne(scenarioOf({ url }))).toBe((await reorderOne(scenarioOf({ url }))) + 1);
  });

  test.each<[string, (url: string) => object]>([
    ['a tool', () => ({ kind: 'tool', tool: 'reset' })],
    ['a request', (url) => ({ kind: 'request', url: url.replace('/mcp', '/reset') })],
    [
      'a command',
      (url) => ({
        kind: 'command',
        command: process.execPath,
        args: ['-e', `fetch(${JSON.stringify(url.replace('/mcp', '/reset'))}, { method: 'POST' })`],
      }),
    ],
  ])('is put back by %s before each trial', async (_, reset) => {
    const { url } = await openStock();
    const scenario = scenarioOf({ url, reset: reset(url) } as ServerSpec);
    expect(await reorderOne(scenario)).toBe(await reorderOne(scenario));
  });

  test.each<[string, object, string]>([
    [
      'a tool that it lacks',
      { kind: 'tool', tool: 'resett' },
      'resett, which it does not have. Nearest: reset',
    ],
    [
      'a tool that fails',
      { kind: 'tool', tool: 'fail' },
      'Server "stock" was not reset before the trial by its tool fail: it answered with an error: out of order',
    ],
    [
      'a request that is refused',
      { kind: 'request', url: 'http://127.0.0.1:1/reset' },
      'Server "stock" was not reset before the trial by its request: ',
    ],
    [
      'a command that fails',
      {
        kind: 'command',
        command: process.execPath,
        args: ['-e', 'console.error("disk full"); process.exit(4)'],
      },
      'by its command node: it exited with 4: disk full'.replace('node', process.execPath),
    ],
    [
      'a command that is not there',
      { kind: 'command', command: 'no-such-command-here' },
      'by its command no-such-command-here: it failed (ENOENT)',
    ],
  ])('says which and why when it cannot be reset: %s', async (_, reset, message) => {
    const { url } = await openStock();
    await expect(open(scenarioOf({ url, reset } as ServerSpec))).rejects.toThrow(message);
  });

  test('refuses a reset of another form, by its field', async () => {
    const scenario = scenarioOf({ url: 'http://127.0.0.1:1/', reset: { kind: 'prayer' } } as never);
    await expect(open(scenario)).rejects.toThrow(/server "stock"/);
  });
});
