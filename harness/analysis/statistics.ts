import type { Measure } from '../results/codes.ts';
import { isMeasured } from '../results/reading.ts';
import type { SelfComparison, Statistics, VariantComparison } from '../results/statistics.ts';
import { deriveSeed } from '../seed.ts';
import type { TrialResult } from './aggregate.ts';
import { bootstrapMean, bootstrapRatio } from './stats/bootstrap.ts';
import { estimateShare, falseAlarmRate, passAtK, passHatK, trialsNeeded } from './stats/share.ts';
import { compareTrials, defaultPolicy, isComputed } from './verdict/comparison.ts';
import { decide } from './verdict/decide.ts';
import { roundFigures } from './verdict/measure.ts';

/** Half the width to which a share of correct trials should be known. */
const shareHalfWidth = 0.1;

/** Numbers of attempts that pass@k and pass^k are told for: the largest for which there are trials. */
const attempts = [1, 2, 3, 5, 10, 20, 50, 100];

/** What several trials say beyond their means. `seed` is the run's: the same trials give the same intervals. */
export function summariseTrials(trials: readonly TrialResult[], seed: number): Statistics {
  const results = trials.map(({ result }) => result).filter(isMeasured);
  const n = results.length;
  const right = results.filter((result) => result.correct === 1).length;
  const sampling = (figure: string) => ({ seed: deriveSeed(seed, 'bootstrap', figure) });
  const billed = results.map(({ tokens }) => tokens.billed);
  const costs = results.flatMap(({ costUsd }) => costUsd?.cached ?? []);
  const answers = results.map(({ correct }) => (correct === 1 ? 1 : 0));
  const k = attempts.findLast((each) => each <= n) ?? 1;
  const needed = trialsNeeded(right, n, shareHalfWidth);
  return {
    n,
    correct: estimateShare(right, n),
    enough: {
      halfWidth: shareHalfWidth,
      status: needed === null ? 'enough' : 'insufficient',
      needed,
    },
    ...(n > 0 && { pass: { k, atLeastOne: passAtK(right, n, k), all: passHatK(right, n, k) } }),
    billedTokens: bootstrapMean(billed, sampling('billed')),
    ...(costs.length === n && {
      costUsd: bootstrapMean(costs, sampling('cost')),
      costPerCorrectUsd: bootstrapRatio(costs, answers, sampling('cost per correct')),
    }),
  };
}

/** How variants are compared: by the margin of the verdict. */
export type ComparisonSettings = { margin: number };

/** A variant against the reference variant; undefined where one of them was not measured, or has two kinds of evidence. */
export function compareVariants(
  reference: readonly TrialResult[],
  variant: readonly TrialResult[],
  settings: ComparisonSettings,
): VariantComparison | undefined {
  const [first, other] = [variant[0]?.result, reference[0]?.result];
  const billedTokens = compareBy('tokens', reference, variant, settings);
  if (!first || !other || !billedTokens) return undefined;
  const isPriced = [...reference, ...variant].every(({ result }) => result.costUsd);
  const costUsd = isPriced ? compareBy('cost', reference, variant, settings) : undefined;
  const { scenario, params, model, evidence } = first;
  return {
    scenario,
    params,
    model,
    evidence,
    variant: first.variant,
    reference: other.variant,
    basis: [...reference, ...variant].every(({ result }) => isComputed(result)) ? 'computed' : 'sampled',
    correct: billedTokens.correct,
    billedTokens: billedTokens.amounts,
    ...(costUsd && { costUsd: costUsd.amounts }),
  };
}

/**
 * Each variant against itself: its odd repeats against its even ones, so that no trial is in two comparisons. What differs
 * by more than the margin is a false alarm.
 */
export function compareWithItself(
  groups: readonly (readonly TrialResult[])[],
  settings: ComparisonSettings,
): SelfComparison {
  const comparisons = groups.flatMap((group) => {
    const half = (odd: boolean) => group.filter(({ repeat }) => (repeat % 2 === 1) === odd);
    return compareVariants(half(true), half(false), settings) ?? [];
  });
  const decisive = comparisons.map(({ costUsd, billedTokens }) => costUsd ?? billedTokens);
  return { comparisons, falseAlarms: falseAlarmRate(decisive) };
}

/** The verdict's own decision on the two, in which correctness has no say: the reference stands for classic. */
function compareBy(
  by: Measure,
  reference: readonly TrialResult[],
  variant: readonly TrialResult[],
  { margin }: ComparisonSettings,
): { amounts: VariantComparison['billedTokens']; correct: VariantComparison['correct'] } | undefined {
  const comparison = compareTrials(
    [
      { name: 'reference', pattern: 'classic', trials: reference },
      { name: 'variant', pattern: 'code', trials: variant },
    ],
    { by },
  );
  const { pattern, sides, ratio, trialsNeeded } = decide(comparison, {
    ...defaultPolicy,
    margin,
    floor: 0,
    gap: 1,
  });
  const { classic, code } = sides;
  if (!classic || !code) return undefined;
  const undecided = { neither: 'insufficient', insufficient: 'insufficient' } as const;
  const outcome = { code: 'lower', classic: 'higher', either: 'equivalent', ...undecided } as const;
  const counted = ({ right, trials }: typeof code) => ({ right, trials });
  return {
    amounts: {
      decision: outcome[pattern],
      margin,
      ratio: roundFigures(ratio),
      trialsNeeded,
    },
    correct: { reference: counted(classic), variant: counted(code) },
  };
}
