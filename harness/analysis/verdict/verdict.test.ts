import { describe, expect, test } from 'vitest';
import type { LedgerRow, Result } from '../../results/summary.ts';
import { uncertaintyOf } from './measure.ts';
import { offBy } from './testing/off-by.ts';
import {
  classic,
  code,
  decideBetween,
  input,
  model,
  output,
  profile,
  result,
} from './testing/two-results.ts';
import { makeVerdict } from './verdict.ts';

describe('what counting leaves open', () => {
  const count = (category: LedgerRow['category'], kind: string) => ({
    ...{ category, tokens: 1000, estimated: 1000, counted: 0, low: 900, high: 1100 },
    ...{ drift: { [kind]: 30 }, variance: 1600 },
  });
  const of = (...counts: NonNullable<Result['counts']>) =>
    uncertaintyOf(
      result(
        'classic',
        'classic',
        counts.map(({ category }) => input(category, 'new', 1000)),
        { counts },
      ),
      'tokens',
    );

  test('adds up over categories for texts of one kind, and evens out between kinds and texts', () => {
    // Of 2,000 tokens: 1.645 · √((30 + 30)² + 1,600 + 1,600) and 1.645 · √(30² + 30² + 1,600 + 1,600).
    expect(of(count('tool_definitions', 'data'), count('tool_results', 'data'))).toBeCloseTo(0.067829, 5);
    expect(of(count('tool_definitions', 'data'), count('tool_results', 'prose'))).toBeCloseTo(0.05816, 5);
  });

  test('weighs each category by what it has of the value', () => {
    const [definitions, results] = [count('tool_definitions', 'data'), count('tool_results', 'data')];
    // Three quarters of the bill are definitions: 1.645 · √((0.75 · 30 + 0.25 · 30)² + (0.75² + 0.25²) · 1,600) of 1,000.
    const billed = result('classic', 'classic', [
      input('tool_definitions', 'new', 1000),
      input('tool_definitions', 'resent', 2000),
      input('tool_results', 'new', 1000),
    ]);
    expect(uncertaintyOf({ ...billed, counts: [definitions, results] }, 'tokens')).toBeCloseTo(0.071704, 5);
  });
});

describe('a verdict', () => {
  test('takes the cheaper pattern and gives the ratio with the interval that counting leaves open', () => {
    const verdict = decideBetween([classic, code]);
    expect(verdict.pattern).toBe('code');
    expect(verdict.ratio).toEqual({ value: 0.184143, low: 0.175374, high: 0.19335 });
    expect(verdict).toMatchObject({
      by: 'cost',
      basis: 'computed',
      because: { kind: 'cheaper', side: 'code' },
    });
  });

  test('says either inside the margin, and insufficient where counting leaves open on which side of its end it is', () => {
    const alike = { ...code, costUsd: { cached: 0.0385, uncached: 0.05 } };
    expect(decideBetween([classic, alike]).pattern).toBe('either');
    expect(decideBetween([classic, alike].map((each) => offBy(0.08, each, 'cost'))).pattern).toBe(
      'insufficient',
    );
    expect(
      decideBetween(
        [classic, alike].map((each) => offBy(0, each)),
        { margin: 0.01 },
      ).pattern,
    ).toBe('code');
  });

  test('tells how full the context window was where that, or a count that is off, decides what fits', () => {
    const overflow = { roundTrip: 2, inputTokens: 1_240_000, contextWindow: 1_000_000 };
    const full = { ...classic, correct: 0, status: 'context_overflow' as const, overflow };
    const much = decideBetween([offBy(0.1, full), code]);
    expect(much.flips?.window).toEqual([
      { variant: 'classic', filled: 1.24, uncertainty: 0.1, hangs: false },
    ]);
    expect(much.flips?.assumptions.map(({ assume, pattern }) => [assume, pattern])).toEqual([
      ['uncached', 'code'],
      ['requestsHigher', 'code'],
      ['requestsLower', 'code'],
    ]);

    // Had it fitted, it would have been right, and the cheaper one.
    const cheap = { ...classic, costUsd: { cached: 0.001, uncached: 0.001 } };
    const whole = { ...cheap, tokens: classic.tokens, correct: 1 };
    const barely = { ...full, overflow: { ...overflow, inputTokens: 1_090_000 }, hypothetical: whole };
    const hanging = decideBetween([offBy(0.1, barely), code]);
    expect(hanging.flips?.window?.[0]).toMatchObject({ filled: 1.09, hangs: true });
    // Had it fitted and still been the dearer one, nothing would turn.
    const dear = { ...barely, hypothetical: { ...classic, correct: 1 } };
    const sure = decideBetween([offBy(0.1, dear), code]);
    expect(sure.flips?.window?.[0]).toMatchObject({ filled: 1.09, hangs: false });

    const contextOf = (share: number, of: Result) => {
      const tokens = { ...of.tokens, context: share * model.contextWindow };
      return decideBetween([offBy(0.1, { ...of, tokens }), code]).flips?.window;
    };
    expect(contextOf(0.9, cheap)).toBeUndefined();
    expect(contextOf(0.95, cheap)).toEqual([
      { variant: 'classic', filled: 0.95, uncertainty: 0.1, hangs: true },
    ]);
    // What is not recommended anyway may fit or not.
    expect(contextOf(0.95, classic)).toBeUndefined();
  });

  test('never recommends the cheaper pattern where it is less often right', () => {
    const verdict = decideBetween([classic, { ...code, correct: 0 }]);
    expect(verdict.pattern).toBe('classic');
    expect(verdict.flips?.assumptions.every(({ pattern }) => pattern === 'classic')).toBe(true);
  });

  test('names nothing that would turn it where none was right', () => {
    const wrong = [classic, code].map((each) => ({ ...each, correct: 0 }));
    expect(decideBetween(wrong).flips).toBeUndefined();
  });

  test('says neither where none was right, and insufficient where one was not measured or not run', () => {
    const wrong = { correct: 0 };
    const lost = { ...code, status: 'infrastructure_error' as const, correct: null };
    expect(
      decideBetween([
        { ...classic, ...wrong },
        { ...code, ...wrong },
      ]).pattern,
    ).toBe('neither');
    expect(decideBetween([classic, lost]).pattern).toBe('insufficient');
    expect(decideBetween([classic]).pattern).toBe('insufficient');
  });

  test('weighs by what it is told to', () => {
    // Classic takes 1.6 + 1.3 + 0.033 + 8 = 10.93 s, code 3.2 + 0.12 + 0.011 + 5.33 = 8.66 s: 0.7925.
    const verdict = decideBetween([classic, code], { by: 'latency' });
    expect(verdict.mechanism?.unit).toBe('seconds');
    expect(verdict.ratio?.value).toBe(0.79248);
    expect(decideBetween([classic, code], { by: 'tokens' }).ratio?.value).toBe(0.156627);
  });

  test('lets each pattern be represented by its best variant, not by the one that others are compared with', () => {
    const search = { ...classic, variant: 'classic-search', costUsd: { cached: 0.03, uncached: 0.05 } };
    const verdict = decideBetween([classic, search, code]);
    expect(verdict.sides.classic?.name).toBe('classic-search');
    expect(verdict.ladder?.rows.map(({ ratio }) => ratio)).toEqual([1, 0.767, 0.184]);
    const { ladder, ...same } = decideBetween([classic, search, code], { reference: 'classic-search' });
    expect(ladder?.reference).toBe('classic-search');
    expect({ ...same, ladder: verdict.ladder }).toEqual(verdict);
  });
});

describe('the mechanism', () => {
  const { mechanism } = decideBetween([classic, code]);

  test('splits the saving by cause', () => {
    // Definitions (3,000 − 400 − 600)·2.5; payload (10,000 − 200)·2.5; resent (3,000 − 1,000)·0.2; writing (600 − 400)·10.
    expect(mechanism).toMatchObject({
      definitions: 0.005,
      payload: 0.0245,
      roundTrips: 0.0004,
      writing: 0.002,
      fixed: 0,
      total: 0.0319,
    });
  });

  test('sums to the difference, by cost and by latency', () => {
    for (const by of ['cost', 'tokens', 'latency'] as const) {
      const parts = decideBetween([classic, code], { by }).mechanism;
      if (!parts) throw new Error('no mechanism');
      const { definitions, payload, roundTrips, writing, fixed, remainder, total } = parts;
      expect(definitions + payload + roundTrips + writing + fixed + remainder).toBeCloseTo(total, 6);
      expect(remainder).toBeCloseTo(0, 6);
    }
  });
});

describe('the mechanism of a client that leaves caching out', () => {
  test('is priced without it, and still sums to the difference', () => {
    // One request: (12,000·2 + 100·10)/1e6 = 0.025 without, (12,000·2.5 + 100·10)/1e6 = 0.031 with caching.
    const single = result('classic', 'classic', [
      input('tool_results', 'new', 12_000),
      output('answer', 100),
    ]);
    const verdict = decideBetween([single, code]);
    expect(verdict.sides.classic?.value).toBe(0.025);
    expect(verdict.mechanism?.total).toBeCloseTo(0.025 - 0.0072, 8);
    expect(verdict.mechanism?.remainder).toBe(0);
  });
});

describe('a verdict on trials that vary', () => {
  const live = (of: Result, factors: number[], more: (repeat: number) => Partial<Result> = () => ({})) => {
    const trials = factors.map((factor, index) => ({
      repeat: index + 1,
      result: {
        ...of,
        evidence: 'live' as const,
        costUsd: { cached: (of.costUsd?.cached ?? 0) * factor, uncached: 1 },
        ...more(index + 1),
      },
    }));
    return { result: { ...of, evidence: 'live' as const, trials: trials.length }, trials };
  };
  const factors = [1, 1.1, 0.9, 1.05, 0.95, 1, 1.02, 0.98];
  const on = (groups: ReturnType<typeof live>[], more: Partial<Parameters<typeof makeVerdict>[0]> = {}) =>
    makeVerdict({ scenario: 's', params: {}, groups, model, profile, ...more });

  test('weighs by latency where that is asked for, not by cost', () => {
    const slow = (repeat: number) => ({ latencyMs: { modelled: 100_000 + 1000 * repeat, measured: 0 } });
    const groups = [live(classic, factors), live({ ...code, costUsd: classic.costUsd }, factors, slow)];
    expect(on(groups, { by: 'latency' })).toMatchObject({
      pattern: 'classic',
      basis: 'sampled',
      by: 'latency',
    });
    expect(on(groups, { by: 'tokens' }).pattern).toBe('code');
    expect(on(groups).pattern).not.toBe('code');
  });

  test('is of a script as well, where its calls fail by chance: shares right, not the first wrong trial', () => {
    const faults = { met: {}, retried: 0, gaveUp: 0, wroteTwice: 0, silent: 0 };
    const groups = (more: Partial<Result>) =>
      [classic, code].map((of) => ({
        result: { ...of, ...more, trials: 15 },
        trials: Array.from({ length: 15 }, (_, index) => ({
          repeat: index + 1,
          result: { ...of, ...more, correct: Number(of === classic || index !== 3) },
        })),
      }));
    const decided = (more: Partial<Result>) =>
      makeVerdict({ scenario: 's', params: {}, groups: groups(more), model, profile });
    expect(decided({ faults })).toMatchObject({
      basis: 'sampled',
      pattern: 'code',
      sides: { code: { right: 14, trials: 15 } },
    });
    expect(decided({})).toMatchObject({
      basis: 'computed',
      pattern: 'classic',
      because: { kind: 'under_floor' },
    });
  });

  test('is withheld where some are live and some replayed', () => {
    const replayed = live(code, factors, (repeat) => (repeat > 4 ? { evidence: 'replayed' } : {}));
    expect(on([live(classic, factors), replayed])).toMatchObject({
      pattern: 'insufficient',
      because: { kind: 'mixed_evidence' },
    });
  });

  test('weighs what did not fit its window as if it had, and as wrong', () => {
    const whole = { ...code, correct: 1, costUsd: { cached: 100, uncached: 100 } };
    const overflown = (repeat: number) =>
      repeat > 1 ? {} : { correct: 0, status: 'context_overflow' as const, hypothetical: whole };
    const { sides } = on([live(classic, factors), live(code, factors, overflown)]);
    expect(sides.code).toMatchObject({ right: 7, trials: 8 });
    expect(sides.code?.value).toBeGreaterThan(100 / 8);
  });
});
