import { describe, expect, test } from 'vitest';
import type { TrialResult } from './aggregate.ts';
import { compareWithItself } from './compare-variants.ts';
import { withholdWeak } from './sampled-verdict.ts';
import type { Result, Verdict } from './summary.ts';
import { trialResult } from './testing/trial-result.ts';

const verdict = {
  scenario: 'scene',
  params: {},
  pattern: 'code',
  reason: 'Use code.',
  variants: { classic: 'classic', code: 'code' },
} as Verdict;
const settings = { margin: 0.1, seed: 1 };

const many = (variant: string, tokens: number[], more: Partial<Omit<Result, 'tokens'>> = {}): TrialResult[] =>
  tokens.map((count, index) => trialResult(index + 1, { variant, tokens: count, ...more }));
const decide = (classic: TrialResult[], code: TrialResult[]) =>
  withholdWeak(verdict, new Map(Object.entries({ classic, code })), settings);

const large = [3000, 3100, 2900, 3050, 2950, 3000, 3150, 2850];
const small = [1000, 1050, 950, 1010, 990, 1000, 1040, 960];

describe('a verdict on trials that vary', () => {
  test('stands where the pairs carry it', () => {
    expect(decide(many('classic', large), many('code', small))).toBe(verdict);
  });

  test('is withheld on one pair, and says how many would do', () => {
    const weak = decide(many('classic', [3000]), many('code', [1000]));
    expect(weak.pattern).toBe('insufficient');
    expect(weak.reason).toContain('About');
    expect(weak.reason).toContain('Use code.');
  });

  test('is withheld where the interval crosses the margin', () => {
    const wild = [500, 6000, 900, 5000, 700, 4000, 800, 300];
    const weak = decide(many('classic', large), many('code', wild));
    expect(weak.pattern).toBe('insufficient');
    expect(weak.reason).toContain('crosses the margin of 10 %');
  });

  test('is `either` where the costs are shown to be the same', () => {
    const same = large.map((tokens) => tokens + 10);
    expect(decide(many('classic', large), many('code', same)).pattern).toBe('either');
  });

  test('is withheld where one was right more often by chance', () => {
    const code = many('code', small).map((trial, index) =>
      index < 2 ? { ...trial, result: { ...trial.result, correct: 0 } } : trial,
    );
    expect(decide(many('classic', large), code).reason).toContain('do not show that one is right more often');
  });

  test('is withheld where live and replayed trials stand side by side', () => {
    const replayed = many('code', small, { evidence: 'replayed' });
    expect(decide(many('classic', large), replayed).reason).toContain('live and some replayed');
  });

  test('stands on a perfect scripted model, which does not vary', () => {
    const perfect = { evidence: 'scripted' as const };
    expect(decide(many('classic', [3000], perfect), many('code', [1000], perfect))).toBe(verdict);
  });
});

test('a variant against itself raises a false alarm only where its halves differ', () => {
  const steady = many('classic', [...large, ...large]);
  const drifting = large.flatMap((tokens, index) => [
    trialResult(2 * index + 1, { variant: 'code', tokens }),
    trialResult(2 * index + 2, { variant: 'code', tokens: tokens * 2 + 10 * index }),
  ]);
  const { falseAlarms, comparisons } = compareWithItself([steady, drifting], settings);
  expect(comparisons.map(({ pairs }) => pairs)).toEqual([8, 8]);
  expect(falseAlarms).toMatchObject({ claimed: 1, comparisons: 2 });
});
