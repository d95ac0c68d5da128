import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../mock-servers/random.ts';
import type { Decision } from '../../results/verdict.ts';
import {
  bandOf,
  type Comparison,
  type ComputedVariant,
  defaultPolicy,
  type SampledVariant,
} from './comparison.ts';
import { decide, placeRatio } from './decide.ts';
import { between, binomial, comparisonsOf, trialsOf } from './testing/draw.ts';
import { fivePercentOfRatio } from './testing/off-by.ts';

/** Costs of trials that vary by a fifth to either side. */
const varying = (count: number, right: number, value: number) =>
  trialsOf(count, right, value, (number) => 1 + 0.1 * (((number * 7) % 5) - 2));

/** Probability of each answer where both sides have these true shares right, code at a tenth of the cost; without chance. */
function enumerate(trials: number, classic: number, code: number): Record<Decision['pattern'], number> {
  const rates = { classic: 0, code: 0, either: 0, neither: 0, insufficient: 0 };
  for (let c = 0; c <= trials; c++) {
    for (let k = 0; k <= trials; k++) {
      const weight = binomial(c, trials, classic) * binomial(k, trials, code);
      if (weight > 1e-7) rates[guard(trials, c, k)] += weight;
    }
  }
  return rates;
}

const decided = new Map<string, Decision['pattern']>();

/** The answer to counts of right trials alone: costs hardly vary. */
function guard(trials: number, classic: number, code: number): Decision['pattern'] {
  const key = `${trials} ${classic} ${code}`;
  const factor = (number: number) => 1 + 0.001 * (number % 3);
  const pattern =
    decided.get(key) ??
    decide(between(trialsOf(trials, classic, 1, factor), trialsOf(trials, code, 0.1, factor))).pattern;
  decided.set(key, pattern);
  return pattern;
}

describe('the guard of correctness, by enumeration', () => {
  test.each([5, 10, 15, 20, 50])(
    'both right in 95 %%: code at a tenth of the cost is recommended in 98 %% of runs of %i',
    (n) => {
      expect(enumerate(n, 0.95, 0.95).code).toBeGreaterThanOrEqual(0.98);
    },
  );

  test.each([10, 15, 20, 50])('both right in 90 %%: it is recommended in 95 %% of runs of %i', (n) => {
    expect(enumerate(n, 0.9, 0.9).code).toBeGreaterThanOrEqual(0.95);
  });

  test.each([15, 20, 50])(
    'right in 60 %% against 100 %%: it is recommended in at most 5 %% of runs of %i',
    (n) => {
      expect(enumerate(n, 1, 0.6).code).toBeLessThanOrEqual(0.05);
    },
  );

  test('both right in 70 %, under the floor: neither in 70 % of runs of 50', () => {
    expect(enumerate(50, 0.7, 0.7).neither).toBeGreaterThanOrEqual(0.7);
  });

  // Shares of code, classic, neither and insufficient in percent.
  test.each([
    [5, 0.95, 0.95, [98.2, 0.1, 0.0, 1.8]],
    [5, 0.7, 0.7, [59.2, 3.8, 12.7, 24.2]],
    [10, 0.95, 0.95, [99.3, 0.1, 0.0, 0.7]],
    [10, 1, 0.6, [16.7, 61.8, 0.0, 21.5]],
    [15, 0.9, 0.9, [95.3, 1.3, 0.0, 3.3]],
    [15, 1, 0.6, [2.7, 90.9, 0.0, 6.3]],
    [20, 0.95, 0.8, [62.6, 29.3, 0.0, 8.1]],
  ] as const)('gives its table: %i trials, %f against %f', (n, classic, code, wanted) => {
    const rates = enumerate(n, classic, code);
    const shares = [rates.code, rates.classic, rates.neither, rates.insufficient].map((x) =>
      Number((100 * x).toFixed(1)),
    );
    expect(shares).toEqual(wanted);
  });
});

describe('one comparison', () => {
  test('finds a thirtieth of the cost where one answer in twenty was wrong', () => {
    const found = decide(between(varying(20, 20, 0.3), varying(20, 19, 0.01)));
    expect(found).toMatchObject({ pattern: 'code', because: { kind: 'cheaper', side: 'code' } });
    expect(found.caveats).toMatchObject([{ about: 'gap', side: 'code' }]);
    expect(found.caveats[0]?.probability).toBeLessThan(0.5);
  });

  test('does not take ten times the cost for a difference that a lost trial may have made', () => {
    const code = varying(10, 9, 0.1).map((trial, number) =>
      number === 9 ? { ended: 'infrastructure' as const } : trial,
    );
    const found = decide(between(varying(10, 9, 0.01), code));
    expect(found).toMatchObject({ pattern: 'classic', because: { kind: 'cheaper', side: 'classic' } });
    expect(found.sides.code).toMatchObject({ right: 9, trials: 9 });
  });

  test('recommends neither where both are right in one trial of ten', () => {
    const found = decide(between(varying(20, 2, 0.3), varying(20, 2, 0.01)));
    expect(found).toMatchObject({
      pattern: 'neither',
      because: { kind: 'under_floor', sides: ['classic', 'code'] },
    });
  });

  test('lets no side win by giving up early: half of the trials right is under the floor', () => {
    const givesUp = varying(20, 10, 0.3).map((trial) =>
      trial.ended === 'wrong' ? { ...trial, value: 0.001 } : trial,
    );
    expect(decide(between(varying(20, 10, 0.3), givesUp)).pattern).toBe('neither');
  });

  test('says either where costs are the same, and how many trials would say so', () => {
    const equal = (n: number) => decide(between(varying(n, n, 0.3), varying(n, n, 0.3)));
    expect(equal(50)).toMatchObject({ pattern: 'either', because: { kind: 'equivalent' } });
    const few = equal(10);
    expect(few).toMatchObject({ pattern: 'insufficient', because: { kind: 'crosses_margin' } });
    expect(few.trialsNeeded).toBeGreaterThan(10);
    expect(equal(few.trialsNeeded ?? 0).pattern).toBe('either');
  });

  test('lets the side win that is shown to be right more often, though it costs more', () => {
    const found = decide(between(varying(80, 66, 0.3), varying(80, 79, 0.4)));
    expect(found).toMatchObject({ pattern: 'code', because: { kind: 'less_often_right', side: 'classic' } });
  });

  test('asks for the trials that would settle a likely fault', () => {
    const found = decide(between(varying(10, 10, 0.3), varying(10, 7, 0.03)));
    expect(found).toMatchObject({ pattern: 'insufficient', because: { kind: 'doubt', side: 'code' } });
    expect(found.trialsNeeded).toBe(21);
  });

  test('says what is missing', () => {
    const lost = [{ ended: 'infrastructure' as const }];
    expect(decide(between(varying(2, 2, 1), varying(9, 9, 1)))).toMatchObject({
      because: { kind: 'few', usable: 2 },
      trialsNeeded: 3,
    });
    expect(decide(between(varying(9, 9, 1), lost)).because).toEqual({
      kind: 'not_measured',
      side: 'code',
      fault: 'infrastructure',
    });
    const alone = { ...between([], []), variants: [{ name: 'a', pattern: 'code' as const, trials: [] }] };
    expect(decide(alone).because).toEqual({ kind: 'missing', sides: ['classic'] });
    const none = decide({ ...alone, variants: [] });
    expect(none.because).toEqual({ kind: 'missing', sides: ['classic', 'code'] });
    const unpriced = varying(9, 9, 1).map((trial) => ({ ...trial, value: null }) as const);
    expect(decide(between(unpriced, unpriced as never)).because).toEqual({ kind: 'unpriced' });
    expect(
      decide({ evidence: 'mixed', variants: [{ pattern: 'classic' }, { pattern: 'code' }] }).because,
    ).toEqual({
      kind: 'mixed_evidence',
    });
  });

  test('decides nothing where the trials did not do the same work', () => {
    const call = {
      server: 'crm',
      tool: 'list',
      occurrence: 1,
      variants: ['classic', 'code'] as [string, string],
      difference: 'one record more',
    };
    const found = decide({ ...between(varying(20, 20, 1), varying(20, 20, 0.1)), unequalWork: [call] });
    expect(found).toMatchObject({
      pattern: 'insufficient',
      because: { kind: 'unequal_work', calls: [call] },
      ratio: null,
    });
  });

  test('loses no trial of one side with one of the other', () => {
    const code = varying(12, 12, 0.1).map((trial, number) =>
      number < 3 ? { ended: 'infrastructure' as const } : trial,
    );
    const { sides } = decide(between(varying(12, 12, 1), code));
    expect(sides).toMatchObject({ classic: { trials: 12 }, code: { trials: 9 } });
  });
});

describe('a computed comparison', () => {
  const variant = (
    pattern: 'classic' | 'code',
    value: number,
    more: Partial<ComputedVariant> = {},
  ): ComputedVariant => ({
    name: `${pattern} ${value}`,
    pattern,
    ended: 'right',
    band: bandOf(value, fivePercentOfRatio),
    ...more,
  });
  const of = (...variants: ComputedVariant[]) => decide({ evidence: 'computed', variants });

  test('spans in its ratio what counting leaves open', () => {
    const { low, high } = of(variant('classic', 1), variant('code', 0.5)).ratio ?? { low: 0, high: 0 };
    expect([low, high]).toEqual([expect.closeTo(0.5 / 1.05, 12), expect.closeTo(0.5 * 1.05, 12)]);
  });

  test('decides outside the margin, and not where a band crosses it; more trials would not tell', () => {
    expect(of(variant('classic', 1), variant('code', 0.5))).toMatchObject({
      pattern: 'code',
      trialsNeeded: null,
    });
    expect(of(variant('classic', 1), variant('code', 2)).pattern).toBe('classic');
    expect(of(variant('classic', 1), variant('code', 0.98)).pattern).toBe('either');
    expect(of(variant('classic', 1), variant('code', 0.9))).toMatchObject({
      pattern: 'insufficient',
      because: { kind: 'crosses_margin' },
      trialsNeeded: null,
    });
  });

  test('takes what was right, at any cost, and neither where none was', () => {
    const wrong = { ended: 'wrong' } as const;
    expect(of(variant('classic', 1), variant('code', 0.1, wrong)).pattern).toBe('classic');
    expect(of(variant('classic', 1, wrong), variant('code', 9)).pattern).toBe('code');
    expect(of(variant('classic', 1, wrong), variant('code', 1, wrong)).pattern).toBe('neither');
  });

  test('of several variants is that of the best right one alone', () => {
    const worse = [variant('classic', 3), variant('classic', 0.1, { ended: 'wrong' }), variant('code', 2)];
    const several = of(...worse, variant('classic', 1), variant('code', 0.5));
    const alone = of(variant('classic', 1), variant('code', 0.5));
    expect(several.ratio).toEqual(alone.ratio);
    expect(several.sides).toMatchObject({
      classic: { name: 'classic 1', chosenFrom: 3 },
      code: { name: 'code 0.5', chosenFrom: 2 },
    });
  });
});

describe('trials that vary and are counted by an estimate', () => {
  const off = ({ variants, ...rest }: Comparison & { evidence: 'sampled' }, uncertainty: number) => ({
    ...rest,
    variants: variants.map((each) => ({ ...each, uncertainty })),
  });

  test('have the interval of a computed comparison where they happen to be all alike', () => {
    const sampled = decide(off(between(trialsOf(5, 5, 1), trialsOf(5, 5, 0.5)), 0.03)).ratio;
    const variants = [
      { name: 'classic', pattern: 'classic', ended: 'right', band: bandOf(1, 0.03) },
      { name: 'code', pattern: 'code', ended: 'right', band: bandOf(0.5, 0.03) },
    ] as const;
    const computed = decide({ evidence: 'computed', variants }).ratio;
    expect(sampled?.low).toBeCloseTo(computed?.low ?? 0, 12);
    expect(sampled?.high).toBeCloseTo(computed?.high ?? 0, 12);
    expect(sampled?.low).toBeLessThan(0.49);
  });

  test('have intervals that hold the true ratio, with the noise of trials and the error of counting both in them', () => {
    const truth = { trials: 15, noise: 0.1, classic: 1, code: 1, ratio: 0.7 };
    const next = comparisonsOf(truth, 11);
    const random = createRandom(11, 'counting');
    // Off by 6 % at 90 %: a standard deviation of 6 / 1.645 %.
    const factor = () => Math.exp((Math.log1p(0.06) / 1.645) * random.normal());
    const held = { told: 0, untold: 0 };
    for (let draw = 0; draw < 1_000; draw += 1) {
      const { variants, ...rest } = next();
      const counted = variants.map((variant) => {
        const by = factor();
        const scale = (trial: (typeof variant.trials)[number]) =>
          'value' in trial ? { ...trial, value: (trial.value ?? 0) * by } : trial;
        return { ...variant, trials: variant.trials.map(scale) };
      });
      for (const [key, uncertainty] of [['told', 0.06] as const, ['untold', 0] as const]) {
        const { ratio } = decide(off({ ...rest, variants: counted }, uncertainty));
        if (ratio && ratio.low <= truth.ratio && truth.ratio <= ratio.high) held[key] += 1;
      }
    }
    expect(held.told / 1_000).toBeGreaterThan(0.93);
    expect(held.told / 1_000).toBeLessThan(0.99);
    // The same trials without what counting leaves open.
    expect(held.untold / 1_000).toBeLessThan(0.88);
  });
});

describe('every comparison', () => {
  const cells = [
    { trials: 3, noise: 0.1, classic: 1, code: 1, ratio: 0.5 },
    { trials: 5, noise: 0.3, classic: 0.95, code: 0.95, ratio: 0.1, lost: { code: 1 } },
    { trials: 10, noise: 0.3, classic: 0.7, code: 1, ratio: 0.9, variants: [2, 3] as const },
    { trials: 10, noise: 0.1, classic: 1, code: 0.6, ratio: 1 },
    { trials: 20, noise: 0.1, classic: 0.95, code: 0.95, ratio: 2, lost: { classic: 1 } },
    { trials: 20, noise: 0.1, classic: 1, code: 1, ratio: 1 },
  ];
  const comparisons = cells.flatMap((truth, seed) => {
    const draw = comparisonsOf(truth, seed);
    return Array.from({ length: 20 }, draw);
  });
  const opposite = {
    classic: 'code',
    code: 'classic',
    either: 'either',
    neither: 'neither',
    insufficient: 'insufficient',
  } as const;
  const change = <C extends Comparison & { evidence: 'sampled' }>(
    comparison: C,
    variants: (given: readonly SampledVariant[]) => SampledVariant[],
  ) => decide({ ...comparison, variants: variants(comparison.variants) });

  test('gives the opposite answer where the patterns are exchanged', () => {
    for (const comparison of comparisons) {
      const { pattern, ratio, because } = decide(comparison);
      const turned = change(comparison, (all) =>
        all.map((each) => ({
          ...each,
          pattern: each.pattern === 'code' ? ('classic' as const) : ('code' as const),
        })),
      );
      expect(turned.pattern).toBe(opposite[pattern]);
      expect(turned.because.kind).toBe(because.kind);
      expect(turned.ratio?.low).toEqual(ratio ? expect.closeTo(1 / ratio.high, 9) : undefined);
      expect(turned.ratio?.high).toEqual(ratio ? expect.closeTo(1 / ratio.low, 9) : undefined);
    }
  });

  test('does not depend on the unit, or on the order of variants and trials', () => {
    for (const comparison of comparisons) {
      const found = decide(comparison);
      const scaled = change(comparison, (all) =>
        all.map((each) => ({
          ...each,
          trials: each.trials.map((trial) =>
            'value' in trial ? { ...trial, value: 7 * (trial.value as number) } : trial,
          ),
        })),
      );
      const turned = change(comparison, (all) =>
        all.toReversed().map((each) => ({ ...each, trials: each.trials.toReversed() })),
      );
      for (const other of [scaled, turned]) {
        expect(other.pattern).toBe(found.pattern);
        expect(other.ratio?.low).toEqual(found.ratio ? expect.closeTo(found.ratio.low, 9) : undefined);
      }
    }
  });

  test('has an interval that does not contradict its answer, and asks for more trials than there are', () => {
    for (const comparison of comparisons) {
      const { pattern, because, ratio, sides, trialsNeeded } = decide(comparison);
      const place = ratio && placeRatio(ratio, defaultPolicy.margin);
      if (because.kind === 'cheaper' || because.kind === 'equivalent') expect(place).toBe(pattern);
      if (because.kind === 'crosses_margin') expect(place).toBeNull();
      const have = Math.min(sides.classic?.trials ?? 0, sides.code?.trials ?? 0);
      if (trialsNeeded !== null) expect(trialsNeeded).toBeGreaterThan(have);
    }
  });

  test('gives the same bytes each time', () => {
    for (const comparison of comparisons) {
      expect(JSON.stringify(decide(comparison))).toBe(JSON.stringify(decide(comparison)));
    }
  });
});

test('nothing that decides draws at random', () => {
  const folder = new URL('./', import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(sources).toContain('decide.ts');
  for (const file of [...sources, '../stats/belief.ts']) {
    const code = readFileSync(new URL(file, folder), 'utf8').replace(/\/\*\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(code, file).not.toMatch(/random|crypto|Date\b|performance/i);
  }
});
