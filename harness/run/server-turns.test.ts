import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Scenario } from '../scenario/scenario.ts';
import { serversOf, trialDirReference } from '../scenario/servers.ts';
import { nowhere } from '../testing/scenario-files.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';
import { createTurns, type SharedServer, sharedServers } from './run-trials.ts';

const url = 'http://127.0.0.1:1/mcp';
const reads = (address: string): SharedServer => ({ address, alone: false });
const alone = (address: string): SharedServer => ({ address, alone: true });

/** Trials that ask for their turn in this order, and which of them are under way. */
function queue(...trials: SharedServer[][]) {
  const turns = createTurns();
  const underWay = new Set<number>();
  const ends = trials.map(async (servers, number) => {
    const done = await turns(servers);
    underWay.add(number);
    return done;
  });
  return {
    now: async () => {
      await setImmediate();
      return [...underWay].sort();
    },
    end: async (number: number) => {
      (await ends[number])?.();
      underWay.delete(number);
    },
  };
}

test('trials that change a server have it to themselves, in the order in which they asked', async () => {
  const { now, end } = queue([alone('a')], [alone('a')], [alone('a')]);
  expect(await now()).toEqual([0]);
  await end(0);
  expect(await now()).toEqual([1]);
  await end(1);
  expect(await now()).toEqual([2]);
});

test('trials that only read go side by side, before and after one that changes', async () => {
  const { now, end } = queue([reads('a')], [reads('a')], [alone('a')], [reads('a')], [reads('a')]);
  expect(await now()).toEqual([0, 1]);
  await end(0);
  expect(await now()).toEqual([1]);
  await end(1);
  expect(await now()).toEqual([2]);
  await end(2);
  expect(await now()).toEqual([3, 4]);
});

test('other servers do not wait, and two servers in either order do not wait for each other', async () => {
  const { now, end } = queue([alone('a'), alone('b')], [alone('b'), alone('a')], [alone('c')], []);
  expect(await now()).toEqual([0, 2, 3]);
  await end(0);
  expect(await now()).toEqual([1, 2, 3]);
});

test.each<[string, object, SharedServer[]]>([
  ['reads at a URL', { servers: { s: { url } } }, [reads(url)]],
  ['writes at a URL', { servers: { s: { url: `${url}?key=1` } }, writes: true }, [alone(url)]],
  ['has its server reset', { servers: { s: { url, reset: { kind: 'tool', tool: 'r' } } } }, [alone(url)]],
  ['sets it up', { servers: { s: { url } }, setup: () => undefined }, [alone(url)]],
  [
    'writes to a process that is not told the folder of the trial',
    { servers: { s: { command: 'x', cwd: '/' } }, writes: true },
    [alone('{"command":"x","args":[],"env":{},"cwd":"/"}')],
  ],
  [
    "writes in the trial's own folder",
    { servers: { s: { command: 'x', cwd: trialDirReference } }, writes: true },
    [],
  ],
  ['has servers that cannot be told', { servers: () => ({ s: {} as never }) }, []],
])('a scenario that %s shares what it must', async (_, change, shared) => {
  const scenario = { name: 'mine', folder: '/mine', writes: false, ...change } as Scenario;
  const servers = serversOf(scenario, { params: {}, seed: 1 }, nowhere);
  expect(await sharedServers({ scenario, servers })).toEqual(shared);
});

test('a server that is reset is shared, also where it is told the folder of the trial', async () => {
  const server = { command: 'x', args: [`${trialDirReference}/log`, '/srv/a.db'], env: {} };
  const reset = { kind: 'tool', tool: 'r', arguments: {} } as const;
  const scenario = { writes: true } as Scenario;
  const shared = (given: ReachableServer) =>
    sharedServers({ scenario, servers: { targets: () => [], resolve: async () => ({ s: given }) } });
  expect(await shared(server)).toEqual([]);
  expect(await shared({ ...server, reset })).toMatchObject([{ alone: true }]);
});
