import { describe, expect, test } from 'vitest';
import { findModel } from '../../meter/catalogue.ts';
import type { Assumption, Mistake } from '../../results/codes.ts';
import type { Assumed, Result } from '../../results/summary.ts';
import { classic, code, decideBetween } from './testing/two-results.ts';

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
