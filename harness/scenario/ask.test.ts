import { describe, expect, test } from 'vitest';
import { askServers, askTruth } from './ask.ts';
import type { Scenario } from './scenario.ts';

const context = { params: {}, seed: 1 };
const timeLimit = { signal: new AbortController().signal };
const scenario = (change: object) => ({ name: 'mine', folder: '/mine', ...change }) as Scenario;
const truthOf = (truth: () => unknown, limitMs?: number) =>
  askTruth(scenario({ truth }), context, { ...timeLimit, limitMs });

describe('the truth of a scenario', () => {
  test.each<[string, () => unknown, string]>([
    ['NaN', () => Number.NaN, 'JSON has no number NaN'],
    ['an infinite number in a row', () => [{ sum: 1 / 0 }], 'JSON has no number Infinity → at [0].sum'],
    ['a date', async () => ({ day: new Date(0) }), 'JSON has no Date → at day'],
    ['nothing', () => undefined, 'JSON has no undefined'],
    ['a function', () => ({ total: () => 1 }), 'JSON has no function → at total'],
  ])('that is %s is refused, with its place', async (_, truth, message) => {
    await expect(truthOf(truth)).rejects.toThrow(`/mine/scenario.ts: truth() returned an invalid value: `);
    await expect(truthOf(truth)).rejects.toThrow(message);
  });

  test('may leave fields undefined, hold a value twice, and be thousands of rows', async () => {
    const shared = { a: 1, b: undefined };
    const rows = Array.from({ length: 50_000 }, () => shared);
    expect(await truthOf(() => rows)).toBe(rows);
    expect(await truthOf(() => null)).toBeNull();
  });

  test('may be nested 100,000 deep, which takes no longer than as many rows', async () => {
    let deep: unknown = { sum: Number.NaN };
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    await expect(truthOf(() => deep)).rejects.toThrow('JSON has no number NaN');
  });

  test('that does not settle is bounded in time, and by an interrupt', async () => {
    const never = () => new Promise(() => undefined);
    await expect(truthOf(never, 20)).rejects.toThrow('truth() did not end within 20 ms. Raise --timeout');
    const interrupt = new AbortController();
    const asking = askTruth(scenario({ truth: never }), context, { signal: interrupt.signal });
    interrupt.abort(new Error('SIGINT'));
    await expect(asking).rejects.toThrow('SIGINT');
  });
});

test('servers whose getters throw are a fault of the scenario', () => {
  const servers = () => ({
    get crm(): never {
      throw new TypeError('later');
    },
  });
  expect(() => askServers(scenario({ servers }), context)).toThrow('servers() threw TypeError: later');
});
