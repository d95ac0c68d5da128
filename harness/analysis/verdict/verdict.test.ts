import { describe, expect, test } from 'vitest';
import { findModel } from '../../meter/catalogue.ts';
import { findLatencyProfile } from '../../meter/latency.ts';
import type { LedgerRow } from '../../meter/ledger.ts';
import type { Assumed } from '../../meter/otherwise.ts';
import type { Assumption, Mistake } from '../../results/codes.ts';
import type { Result } from '../../results/summary.ts';
import { fivePercentOfRatio, offBy } from './testing/off-by.ts';
import { uncertaintyOf } from './uncertainty.ts';
import { makeVerdict } from './verdict.ts';

const model = findModel('claude-sonnet-5');
const profile = findLatencyProfile('default');

/** Prices of claude-sonnet-5 in USD per million tokens. */
const price = { input: 2, write: 2.5, read: 0.2, output: 10 };

const input = (category: LedgerRow['category'], history: 'new' | 'resent', tokens: number): LedgerRow => ({
  category,
  direction: 'input',
  history,
  cache: history === 'new' ? 'cache_write' : 'cache_read',
  tokens,
  costUsd: {
    cached: (tokens * (history === 'new' ? price.write : price.read)) / 1e6,
    uncached: (tokens * price.input) / 1e6,
  },
});
const output = (category: LedgerRow['category'], tokens: number): LedgerRow => ({
  category,
  direction: 'output',
  tokens,
  costUsd: { cached: (tokens * price.output) / 1e6, uncached: (tokens * price.output) / 1e6 },
});

function result(
  variant: string,
  pattern: Result['pattern'],
  ledger: LedgerRow[],
  more: Partial<Result> = {},
): Result {
  const sum = (has: (row: LedgerRow) => boolean) =>
    ledger.reduce((total, row) => total + (has(row) ? row.tokens : 0), 0);
  const isCached = (state: string) => (row: LedgerRow) => row.direction === 'input' && row.cache === state;
  const tokens = {
    context: sum((row) => row.direction === 'output' || row.history === 'new'),
    billed: sum(() => true),
    input: sum((row) => row.direction === 'input'),
    output: sum((row) => row.direction === 'output'),
    cacheRead: sum(isCached('cache_read')),
    cacheWrite: sum(isCached('cache_write')),
  };
  const perMillion =
    tokens.cacheWrite * price.write + tokens.cacheRead * price.read + tokens.output * price.output;
  const uncached = tokens.input * price.input + tokens.output * price.output;
  const roundTrips = more.roundTrips ?? 2;
  return {
    scenario: 's',
    params: {},
    variant,
    pattern,
    model: model.id,
    evidence: 'scripted',
    trials: 1,
    status: 'completed',
    reason: '',
    correct: 1,
    roundTrips,
    toolCalls: 10,
    refusals: 0,
    programs: pattern === 'code' ? 1 : 0,
    tokens,
    ledger,
    costUsd: { cached: perMillion / 1e6, uncached: uncached / 1e6 },
    latencyMs: {
      modelled:
        1000 *
        (roundTrips * 0.8 + tokens.cacheWrite / 10_000 + tokens.cacheRead / 90_000 + tokens.output / 75),
      measured: 0,
    },
    tools: 5,
    resultBytes: 40_000,
    prefixTokens: 3000,
    measured: { toolsMs: 0, sandboxMs: 0, serverStartMs: 0, totalMs: 0 },
    ...more,
  };
}

const classic = result(
  'classic',
  'classic',
  [
    input('tool_definitions', 'new', 3000),
    input('tool_definitions', 'resent', 3000),
    input('tool_results', 'new', 10_000),
    output('tool_calls', 500),
    output('answer', 100),
  ],
  { costUsd: { cached: 0.0391, uncached: 0.05 } },
);
const code = result(
  'code',
  'code',
  [
    input('tool_definitions', 'new', 400),
    input('discovery', 'new', 600),
    input('discovery', 'resent', 1000),
    input('program_output', 'new', 200),
    output('code', 300),
    output('answer', 100),
  ],
  { roundTrips: 4, prefixTokens: 500 },
);
/** Counts are off by as much as leaves a ratio open to 5 %, where the results do not say otherwise. */
const decideBetween = (given: Result[], more: Partial<Parameters<typeof makeVerdict>[0]> = {}) => {
  const results = given.map((each) =>
    each.counts ? each : offBy(fivePercentOfRatio, each, more.by ?? 'cost'),
  );
  const groups = results.map((each) => ({ result: each, trials: [{ repeat: 1, result: each }] }));
  return makeVerdict({ scenario: 's', params: {}, groups, model, profile, ...more });
};

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
  // Classic: (13,000·2.5 + 3,000·0.2 + 600·10)/1e6 = 0.0391. Code: (1,200·2.5 + 1,000·0.2 + 400·10)/1e6 = 0.0072.
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

describe('what a verdict depends on', () => {
  /** A result with what it would cost, in USD, under an assumption; its largest request always fits. */
  const under = (of: Result, assumption: Assumption, usd: number, uncached = usd): Result => {
    const assumed = { ...priced(usd), costUsd: { cached: usd, uncached } };
    return {
      ...of,
      otherwise: { assumed: { ...of.otherwise?.assumed, [assumption]: assumed }, sizes: [], mistakes: {} },
    };
  };
  const priced = (usd: number): Assumed => ({
    costUsd: { cached: usd, uncached: usd },
    billed: 1,
    modelledMs: 1,
    largestRequest: 1,
  });
  const turnedOf = (verdict: ReturnType<typeof decideBetween>, assume: string) =>
    verdict.flips?.assumptions.find((each) => each.assume === assume);

  test('is decided again over all variants, so that another may represent its pattern', () => {
    const search = { ...under(classic, 'warm', 0.03), variant: 'classic-search' };
    const verdict = decideBetween([under(classic, 'warm', 0.005), search, under(code, 'warm', 0.0071)]);
    expect(verdict.pattern).toBe('code');
    expect(turnedOf(verdict, 'warm')).toEqual({
      assume: 'warm',
      pattern: 'classic',
      ratio: { value: 1.42, low: 1.35238, high: 1.491 },
      variants: { classic: 'classic', code: 'code' },
    });
  });

  test('takes the cheaper of both bills under each assumption, and without caching the other', () => {
    const verdict = decideBetween([under(classic, 'oneCall', 0.05, 0.004), under(code, 'oneCall', 0.0072)]);
    expect(turnedOf(verdict, 'oneCall')?.pattern).toBe('classic');
    // Classic 0.05, code 0.0084.
    expect(turnedOf(verdict, 'uncached')?.ratio?.value).toBeCloseTo(0.0084 / 0.05, 5);
  });

  test('is not looked at where one variant does not say', () => {
    expect(turnedOf(decideBetween([under(classic, 'padded', 0.01), code]), 'padded')).toBeUndefined();
  });

  test('has the sizes of results at which another pattern is recommended, and open where programs may show more', () => {
    const sizesOf = (usd: (factor: number) => number, shown: (factor: number) => number) => ({
      assumed: {},
      mistakes: {},
      sizes: [0, 1, 4, 16].map((factor) => ({
        factor,
        results: priced(usd(factor)),
        resultsAndOutput: priced(shown(factor)),
      })),
    });
    // Classic costs 0.01 + 0.01·f; code 0.02, or 0.014 + 0.006·f where its output grows too.
    const direct = (factor: number) => 0.01 + 0.01 * factor;
    const left = { ...classic, costUsd: { cached: 0.02, uncached: 1 }, otherwise: sizesOf(direct, direct) };
    const right = {
      ...code,
      costUsd: { cached: 0.02, uncached: 1 },
      otherwise: sizesOf(
        () => 0.02,
        (factor) => 0.014 + 0.006 * factor,
      ),
    };
    const { bytesPerResult } = decideBetween([left, right]).flips ?? {};
    expect(bytesPerResult?.now).toBe(4000);
    const at = (bytes: number) =>
      bytesPerResult?.bands.find(({ from, to }) => bytes >= from && (to === null || bytes < to))?.pattern;
    // Equal now; with half-size results code costs 0.017 to 0.02 against 0.015, with twice the size 0.02 to 0.026 against 0.03.
    expect([at(4000), at(1000), at(16_000)]).toEqual(['either', 'classic', 'code']);
  });

  test('has the model overhead at which the other is faster, where latency decides', () => {
    // Rest of classic 9.333 s in 2 round trips, of code 5.464 s in 4: equal at 1.934 s of overhead.
    const { overheadSeconds } = decideBetween([classic, code], { by: 'latency' }).flips ?? {};
    const bands = overheadSeconds?.bands ?? [];
    expect(bands.map(({ pattern }) => pattern)).toEqual([
      'code',
      'insufficient',
      'either',
      'insufficient',
      'classic',
    ]);
    const either = bands.find(({ pattern }) => pattern === 'either');
    expect(either?.from).toBeLessThan(1.934);
    expect(either?.to).toBeGreaterThan(1.934);
    expect(decideBetween([classic, code]).flips?.overheadSeconds).toBeUndefined();
  });

  test('counts the mistakes with which it is still the same, each kind alone', () => {
    // One failed program costs 0.001, two 0.003, three 0.006: n of them n·(n + 1)/2 · 0.001. Code is recommended as long as
    // (0.0072 + that)·1.05 < 0.0391/1.1: up to 6, which cost 0.021.
    const cost = (times: number) => 0.0072 + ((times * (times + 1)) / 2) * 0.001;
    const failing = (largestRequest = 1): Result => ({
      ...code,
      otherwise: {
        assumed: {},
        sizes: [],
        mistakes: { failedProgram: [1, 2, 3].map((times) => ({ ...priced(cost(times)), largestRequest })) },
      },
    });
    const { slack } = decideBetween([classic, failing()]).flips ?? {};
    expect(slack).toEqual([{ side: 'code', mistake: 'failedProgram', each: 0.001, most: 6 }]);
    for (const [failures, pattern] of [
      [6, 'code'],
      [7, 'insufficient'],
    ] as const) {
      const more = { ...code, costUsd: { cached: cost(failures), uncached: 1 } };
      expect(decideBetween([classic, more]).pattern).toBe(pattern);
    }
    // One that does not fit the window any more is too many, however little it costs.
    expect(decideBetween([classic, failing(2_000_000)]).flips?.slack).toMatchObject([{ most: 0 }]);
    // Of the side that is not recommended it is only told what one takes.
    const dear = { ...failing(), costUsd: { cached: 0.2, uncached: 1 } };
    expect(decideBetween([classic, dear]).flips?.slack ?? []).toEqual([]);
  });

  /** A variant that costs so much, and so much more for each mistake of a kind. */
  const mistaken = (of: Result, variant: string, cost: number, kind?: Mistake, each = 0.001): Result => ({
    ...of,
    variant,
    costUsd: { cached: cost, uncached: 1 },
    otherwise: {
      assumed: {},
      sizes: [],
      mistakes: kind
        ? {
            [kind]: [1, 2, 3].map((times) => ({
              ...priced(cost + times * each),
              largestRequest: 50_000 + 10_000 * times,
            })),
          }
        : {},
    },
  });

  test('counts look-ups of the cheapest variant that looks anything up, where the side’s own does not', () => {
    const typed = mistaken(code, 'code-typed', 0.005);
    const untyped = mistaken(code, 'code', 0.02, 'wastedLookUp');
    const { sides, flips } = decideBetween([classic, untyped, typed]);
    expect(sides.code?.name).toBe('code-typed');
    // (0.02 + n · 0.001)·1.05 < 0.0391/1.1: up to 13.
    expect(flips?.slack).toEqual([
      { side: 'code', mistake: 'wastedLookUp', variant: 'code', each: 0.001, most: 13 },
    ]);
    // The same where it is the cheapest, until code-typed takes over.
    const cheap = mistaken(code, 'code', 0.004, 'wastedLookUp');
    expect(decideBetween([classic, cheap, typed]).flips?.slack).toEqual([
      { side: 'code', mistake: 'wastedLookUp', variant: 'code', each: 0.001, most: 29 },
    ]);
    // Were it not recommended itself, there is nothing to count.
    const dear = mistaken(code, 'code', 0.05, 'wastedLookUp');
    expect(decideBetween([classic, dear, typed]).flips?.slack).toBeUndefined();
  });

  test('counts mistakes of both sides where they take the same', () => {
    const left = mistaken(classic, 'classic', 0.1, 'repeatedCall', 0.0005);
    const right = mistaken(code, 'code', 0.1, 'failedProgram', 0.001);
    const { pattern, flips } = decideBetween([left, right]);
    expect(pattern).toBe('either');
    // (0.1 + n · each)/0.1 · 1.05 ≤ 1.1: up to 9 · 0.0005 and 4 · 0.001.
    expect(flips?.slack).toEqual([
      { side: 'classic', mistake: 'repeatedCall', each: 0.0005, most: 9 },
      { side: 'code', mistake: 'failedProgram', each: 0.001, most: 4 },
    ]);
  });

  test('counts no further than the price of prompts is known', () => {
    const right = mistaken(code, 'code', 0.01, 'failedProgram');
    const tiered = { model: findModel('claude-haiku-5-5') };
    const slack = (of: Result) => decideBetween([classic, of], tiered).flips?.slack;
    // The first price holds up to 100,000 tokens, which five mistakes reach.
    expect(slack(right)).toEqual([
      { side: 'code', mistake: 'failedProgram', each: 0.001, most: 5, isLeast: true },
    ]);
    const past = { ...right, tokens: { ...right.tokens, context: 100_001 } };
    expect(slack(past)).toEqual([{ side: 'code', mistake: 'failedProgram', each: 0.001 }]);
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
