import { describe, expect, test } from 'vitest';
import { ninety } from '../meter/token-counter.ts';
import type { Result, Summary } from '../results/summary.ts';
import { arrivingWarm, project } from './project.ts';

const assumed = (usd: number) => ({
  costUsd: { cached: usd, uncached: 0.05 },
  billed: 1,
  modelledMs: 1,
  largestRequest: 1,
});
const result = (more: Partial<Result>) =>
  ({
    scenario: 's',
    params: {},
    variant: 'classic',
    status: 'completed',
    correct: 1,
    costUsd: { cached: 0.02, uncached: 0.05 },
    ledger: [{ category: 'answer', direction: 'output', tokens: 10 }],
    // Off by 1 of 10 at 90 %.
    counts: [
      {
        ...{ category: 'answer', tokens: 10, estimated: 10, counted: 0, low: 9, high: 11 },
        ...{ drift: { prose: 1 / ninety }, variance: 0 },
      },
    ],
    otherwise: { assumed: { warm: assumed(0.0108) }, sizes: [], mistakes: {} },
    ...more,
  }) as Result;
const summaryOf = (...results: Result[]) =>
  ({
    model: 'm',
    results,
    evidence: 'scripted',
    prices: { asOf: '2026-09-24', currency: 'USD' },
  }) as unknown as Summary;
const first = (more: Partial<Result>, cacheShare = 0.5) =>
  project(summaryOf(result(more)), { runs: 1000, tenants: 4, cacheShare }).rows[0];

describe('a projection', () => {
  test('mixes cold and warm runs by the cache share, and scales to tenant and month', () => {
    // Half of 0.02 and 0.0108.
    expect(first({})).toMatchObject({
      status: 'projected',
      coldUsd: 0.02,
      warmUsd: 0.0108,
      perRun: { usd: 0.0154, low: 0.01386, high: 0.01694 },
      perTenant: { usd: 3.85 },
      perMonth: { usd: 15.4 },
    });
  });

  test('gives no warm discount where nothing is known of one, and never a negative bill', () => {
    expect(first({ otherwise: { assumed: {}, sizes: [], mistakes: {} } })).toMatchObject({ warmUsd: 0.02 });
    // Trials that found a warm cache: 0.02 was billed warm, and 0.03 is what a cold one takes.
    const found = { assumed: { cold: assumed(0.03), warm: assumed(0.02) }, sizes: [], mistakes: {} };
    expect(first({ otherwise: found })).toMatchObject({
      coldUsd: 0.03,
      warmUsd: 0.02,
      perMonth: { usd: 25 },
    });
  });

  test('lets a client leave caching out where that is cheaper', () => {
    expect(first({ costUsd: { cached: 0.02, uncached: 0.01 } })).toMatchObject({
      coldUsd: 0.01,
      warmUsd: 0.01,
    });
  });

  test('makes the right runs pay for the wrong ones', () => {
    expect(first({ correct: 0.5 }, 0)).toMatchObject({ perCorrectRunUsd: 0.04 });
    expect(first({ correct: 0 }, 0)).toMatchObject({ perCorrectRunUsd: null });
  });

  test('gives no cost to what did not fit, was not measured or has no price', () => {
    expect(first({ status: 'context_overflow', correct: 0 })).toMatchObject({ status: 'does_not_fit' });
    expect(first({ correct: null })).toMatchObject({ status: 'not_measured' });
    expect(first({ costUsd: null })).toEqual({
      scenario: 's',
      params: {},
      variant: 'classic',
      correct: 1,
      status: 'unpriced',
    });
  });

  test('works the cache share out from how often a tenant runs', () => {
    // 43,830 minutes a month; one run a minute leaves e^−5 of them cold.
    expect(arrivingWarm({ runs: 43_830, tenants: 1 })).toBeCloseTo(1 - Math.exp(-5), 6);
    expect(arrivingWarm({ runs: 43_830, tenants: 10 })).toBeCloseTo(1 - Math.exp(-0.5), 6);
  });
});
