import { describe, expect, test } from 'vitest';
import { type FaultKind, passingFaults } from '../results/codes.ts';
import type { Faults } from '../results/world.ts';
import { FaultDial, withoutSchemas } from './faults.ts';
import type { Connections } from './mcp/connections.ts';
import type { Tool, ToolResult } from './mcp/surface.ts';

const order: Tool = {
  server: 'shop',
  name: 'get_order',
  identifier: 'get_order',
  description: '',
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
};
const declared: Tool = {
  ...order,
  name: 'get_total',
  outputSchema: { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] },
};
const pay: Tool = { ...order, name: 'pay', annotations: { readOnlyHint: false } };
const signal = new AbortController().signal;

/** Servers that answer every call with a total, or an error; what reached them, and what was started again. */
function serve(
  faults: Partial<Faults> & Pick<Faults, 'rates'>,
  seeds = { data: 1, trial: 1 },
  isError = false,
) {
  const settings = { faults: { retries: 2, delayMs: 0, errors: 'exceptions' as const, ...faults }, seeds };
  const dial = new FaultDial({ ...settings, directory: '/tmp/trial' });
  const reached: string[] = [];
  const restarted: string[] = [];
  const answer: Connections['call'] = async ({ name }) => {
    reached.push(name);
    if (isError) return { isError, text: 'There is no such order.', isJson: false };
    return { isError, text: '{"total":12,"lines":[{"price":5}]}', isJson: true };
  };
  const { call } = dial.over({ call: answer }, async (server) => void restarted.push(server));
  return {
    dial,
    reached,
    restarted,
    call: (tool: Tool, args: Record<string, unknown> = {}) => call(tool, args, signal),
  };
}

const only = (kind: FaultKind): Pick<Faults, 'rates'> => ({ rates: { [kind]: 1 } });

describe('a fault', () => {
  test.each<[FaultKind, boolean, Partial<ToolResult>]>([
    ['error', false, { isError: true, text: 'get_order failed: a service behind it did not respond.' }],
    ['protocol', false, { isError: true, text: 'MCP error -32603: Internal error' }],
    ['busy', false, { isError: true, text: expect.stringContaining('429') }],
    ['timeout', true, { isError: true, text: 'MCP error -32001: Request timed out' }],
    ['dropped', true, { isError: true, text: 'MCP error -32000: Connection closed' }],
    ['slow', true, { isError: false, text: '{"total":12,"lines":[{"price":5}]}', isJson: true }],
    ['cut', true, { isError: false, text: '{"total":12,"line', isJson: false }],
  ])('%s: reached the server: %s', async (kind, isForwarded, shown) => {
    const { call, reached, restarted, dial } = serve(only(kind));
    expect(await call(order)).toMatchObject({ ...shown, fault: kind });
    expect(reached).toEqual(isForwarded ? ['get_order'] : []);
    expect(restarted).toEqual(kind === 'dropped' ? ['shop'] : []);
    expect(dial.report(false).met).toEqual({ [kind]: 1 });
  });

  test('an answer that is cut, or has a field renamed, is an error where the tool declares what it returns', async () => {
    const cut = await serve(only('cut')).call(declared);
    expect(cut).toMatchObject({ isError: true, text: expect.stringContaining('no structured content') });
    const { call } = serve(only('renamed'));
    // Which field it is follows from the seed; both are tried.
    const texts = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((data) => serve(only('renamed'), { data, trial: 1 }).call(declared)),
    );
    expect(texts.some(({ isError, text }) => isError && text.includes('total'))).toBe(true);
    expect(texts.some(({ isError, text }) => !isError && text.includes('priceValue'))).toBe(true);
    const undeclared = await call(order);
    expect(undeclared).toMatchObject({ isError: false, isJson: true, fault: 'renamed' });
    expect(undeclared.text).toMatch(/totalValue|priceValue/);
    // It stays so, however often the call is made.
    expect(await call(order)).toEqual(undeclared);
  });

  test('a server whose connection broke is started again when no other call to it is under way', async () => {
    const events: string[] = [];
    const slow = Promise.withResolvers<void>();
    const settings = { retries: 0, delayMs: 0, errors: 'exceptions' as const };
    const dial = new FaultDial({
      faults: { ...settings, rates: { dropped: 0.5 } },
      seeds: { data: 1, trial: 1 },
      directory: '/tmp/trial',
    });
    const { call } = dial.over(
      {
        async call(_, { name }) {
          events.push(`asked ${name}`);
          if (name === 'slow') await slow.promise;
          events.push(`answered ${name}`);
          return { isError: false, text: '', isJson: false };
        },
      },
      async () => void events.push('started again'),
    );
    // By the seed, which calls meet the fault: found once, so that the test has one of each.
    const isDropped = async (args: Record<string, unknown>) =>
      (await serve({ rates: { dropped: 0.5 } }).call(order, args)).isError;
    const names = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => ({
        name: `n${at}`,
        dropped: await isDropped({ name: `n${at}` }),
      })),
    );
    const breaking = names.find(({ dropped }) => dropped)?.name ?? '';
    const later = names.find(({ dropped }) => !dropped)?.name ?? '';
    expect(await isDropped({ name: 'slow' })).toBe(false);
    const first = call(order, { name: 'slow' }, signal);
    const second = call(order, { name: breaking }, signal);
    await new Promise(setImmediate);
    const third = call(order, { name: later }, signal);
    await new Promise(setImmediate);
    expect(events).toEqual(['asked slow', `asked ${breaking}`, `answered ${breaking}`]);
    slow.resolve();
    await Promise.all([first, second, third]);
    expect(events.slice(3)).toEqual([
      'answered slow',
      'started again',
      `asked ${later}`,
      `answered ${later}`,
    ]);
  });
});

describe('which calls meet a fault', () => {
  test('each kind has its share of many calls', async () => {
    const rates = {
      error: 0.02,
      protocol: 0.01,
      busy: 0.05,
      timeout: 0.03,
      dropped: 0.01,
      slow: 0.1,
      cut: 0.04,
    };
    const { call, dial } = serve({ rates });
    const calls = 4_000;
    for (let id = 0; id < calls; id += 1) await call(order, { id });
    const { met } = dial.report(false);
    for (const kind of passingFaults) {
      const rate = rates[kind];
      // Five standard deviations of a binomial count: a right draw is outside in one of two million.
      const within = 5 * Math.sqrt(calls * rate * (1 - rate));
      expect(Math.abs((met[kind] ?? 0) - calls * rate), kind).toBeLessThan(within);
    }
  });

  test('follows from tool, arguments, attempt and the seed of the trial, not from what came between', async () => {
    const rates = Object.fromEntries(passingFaults.map((kind) => [kind, 0.1]));
    const [ahead, back, other] = [
      serve({ rates }),
      serve({ rates }),
      serve({ rates }, { data: 1, trial: 2 }),
    ];
    const ids = Array.from({ length: 60 }, (_, id) => id);
    const fault = async (of: typeof ahead, id: number, folder = '/tmp/trial') =>
      (await of.call(order, { path: `${folder}/${id}`, id })).fault;
    const seen = await Promise.all(ids.map((id) => fault(ahead, id)));
    const again = await Promise.all(ids.map((id) => fault(ahead, id)));
    const reversed = await Promise.all(ids.toReversed().map((id) => fault(back, id)));
    expect(reversed.toReversed()).toEqual(seen);
    expect(again).not.toEqual(seen);
    expect(await Promise.all(ids.map((id) => fault(other, id)))).not.toEqual(seen);
    const sorted = await Promise.all(
      ids.map(async (id) => (await serve({ rates }).call(order, { id, path: `<trial>/${id}` })).fault),
    );
    expect(sorted).toEqual(seen);
  });

  test('no rate, no fault', async () => {
    const { call, dial } = serve({ rates: {} });
    for (let id = 0; id < 200; id += 1) expect((await call(order, { id })).fault).toBeUndefined();
    expect(dial.report(false)).toEqual({ met: {}, retried: 0, gaveUp: 0, wroteTwice: 0, silent: 0 });
  });

  test('a share of tools no longer declares what it returns, the same in every trial', () => {
    const tools = Array.from({ length: 200 }, (_, at) => ({ ...declared, name: `get_${at}` }));
    const surface = [{ server: 'shop', implementation: { name: 'shop', version: '1' }, tools }];
    const faults: Faults = { rates: { schemaless: 0.3 }, retries: 2, delayMs: 0, errors: 'exceptions' };
    const lacking = (seed: number) =>
      withoutSchemas(surface, faults, seed)[0]?.tools.filter(({ outputSchema }) => !outputSchema).length;
    expect(lacking(1)).toBe(lacking(1));
    expect(lacking(1)).toBeGreaterThan(60 - 33);
    expect(lacking(1)).toBeLessThan(60 + 33);
  });
});

describe('what becomes of a call', () => {
  test('one that is made again is counted as that, and as given up where it failed last', async () => {
    const { call, dial } = serve(only('error'));
    await call(order);
    await call(order);
    await call(order, { other: true });
    expect(dial.report(true)).toEqual({ met: { error: 3 }, retried: 1, gaveUp: 2, wroteTwice: 0, silent: 1 });
  });

  test("one that the tool itself refuses late is not given up, nor is it a fault's when it is made again", async () => {
    const { call, dial } = serve(only('slow'), undefined, true);
    await call(order);
    await call(order);
    expect(dial.report(false)).toMatchObject({ met: { slow: 2 }, retried: 0, gaveUp: 0 });
  });

  test('a write whose answer was lost is written twice when it is made again; a read never is', async () => {
    for (const [tool, twice] of [
      [pay, 1],
      [order, 0],
    ] as const) {
      const { call, dial, reached } = serve(only('timeout'));
      await call(tool, { id: 1 });
      await call(tool, { id: 1 });
      expect(reached).toHaveLength(2);
      expect(dial.report(false).wroteTwice, tool.name).toBe(twice);
    }
    // What never reached the server is not written twice.
    const { call, dial } = serve(only('busy'));
    await call(pay, { id: 1 });
    await call(pay, { id: 1 });
    expect(dial.report(false)).toMatchObject({ retried: 1, wroteTwice: 0 });
  });
});
