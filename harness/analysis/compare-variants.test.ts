import { expect, test } from 'vitest';
import type { Result } from '../results/summary.ts';
import { trialResult } from '../run/testing/trial-result.ts';
import type { TrialResult } from './aggregate.ts';
import { compareVariants, compareWithItself } from './statistics.ts';
import { fivePercentOfRatio, offBy } from './verdict/testing/off-by.ts';

const settings = { margin: 0.1 };
const many = (variant: string, tokens: number[], more: Partial<Omit<Result, 'tokens'>> = {}): TrialResult[] =>
  tokens.map((count, index) => trialResult(index + 1, { variant, tokens: count, ...more }));

const large = [3000, 3100, 2900, 3050, 2950, 3000, 3150, 2850];
const small = [1000, 1050, 950, 1010, 990, 1000, 1040, 960];

test('variants are compared by the rule of the verdict, in which correctness has no say', () => {
  const wrong = many('code', small, { correct: 0 });
  expect(compareVariants(many('classic', large), wrong, settings)).toMatchObject({
    variant: 'code',
    reference: 'classic',
    basis: 'sampled',
    correct: { reference: { right: 8, trials: 8 }, variant: { right: 0, trials: 8 } },
    costUsd: { decision: 'lower', margin: 0.1, trialsNeeded: null },
  });
  const wild = compareVariants(many('classic', large), many('code', [500, 6000, 900, 5000]), settings);
  expect(wild?.costUsd?.decision).toBe('insufficient');
  expect(wild?.costUsd?.trialsNeeded).toBeGreaterThan(8);
});

test('of a computed figure the interval is what counting leaves open', () => {
  const perfect = { evidence: 'scripted' as const };
  const counted = (variant: string, tokens: number) =>
    many(variant, [tokens], perfect).map(({ repeat, result }) => ({
      repeat,
      result: offBy(fivePercentOfRatio, {
        ...result,
        ledger: [{ category: 'answer', direction: 'output', tokens }],
      }),
    }));
  const compare = (tokens: number) =>
    compareVariants(counted('classic', 1000), counted('code', tokens), settings)?.billedTokens;
  expect(compare(1000)).toMatchObject({
    decision: 'equivalent',
    ratio: { value: 1, low: 0.952381, high: 1.05 },
  });
  // A ratio of 0.92 is inside the margin, but not as far as it is known.
  expect(compare(920)?.decision).toBe('insufficient');
});

test('a variant against itself raises a false alarm only where its halves differ', () => {
  const steady = many('classic', [...large, ...large]);
  const drifting = large.flatMap((tokens, index) => [
    trialResult(2 * index + 1, { variant: 'code', tokens }),
    trialResult(2 * index + 2, { variant: 'code', tokens: tokens * 2 + 10 * index }),
  ]);
  const { falseAlarms, comparisons } = compareWithItself([steady, drifting], settings);
  expect(comparisons.map(({ correct }) => correct.variant.trials)).toEqual([8, 8]);
  expect(falseAlarms).toMatchObject({ claimed: 1, comparisons: 2 });
});
