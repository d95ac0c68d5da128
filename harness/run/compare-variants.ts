import { deriveSeed } from '../seed.ts';
import { type Comparison, compareMeans, placeInterval } from '../stats/equivalence.ts';
import { falseAlarmRate } from '../stats/false-alarm.ts';
import { mcnemar } from '../stats/mcnemar.ts';
import type { Pair } from '../stats/pair.ts';
import type { TrialResult } from './aggregate.ts';
import type { ComparisonDecision, SelfComparison, VariantComparison } from './statistics-schema.ts';
import type { Result } from './summary.ts';

/** How variants are compared: ratios of means from 1/(1 + margin) to 1 + margin are no difference that matters. */
export type ComparisonSettings = { margin: number; seed: number };

/** Both variants on the same repeat, where infrastructure ended neither. */
type ResultPair = Pair<Result>;

/** A variant against the reference variant, paired by repeat; undefined where no repeat was measured in both. */
export function compareVariants(
  reference: readonly TrialResult[],
  variant: readonly TrialResult[],
  settings: ComparisonSettings,
): VariantComparison | undefined {
  const byRepeat = new Map(variant.map((trial) => [trial.repeat, trial.result]));
  const pairs = reference.flatMap((trial): ResultPair[] => {
    const other = byRepeat.get(trial.repeat);
    return other && isMeasured(trial.result) && isMeasured(other)
      ? [{ reference: trial.result, variant: other }]
      : [];
  });
  return comparePairs(pairs, settings);
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
    const byRepeat = new Map(group.map((trial) => [trial.repeat, trial.result]));
    const pairs = group.flatMap(({ repeat, result }): ResultPair[] => {
      const other = repeat % 2 === 1 ? byRepeat.get(repeat + 1) : undefined;
      return other && isMeasured(result) && isMeasured(other) ? [{ reference: result, variant: other }] : [];
    });
    return comparePairs(pairs, settings) ?? [];
  });
  const decisive = comparisons.map(({ costUsd, billedTokens }) => costUsd ?? billedTokens);
  return { comparisons, falseAlarms: falseAlarmRate(decisive) };
}

function comparePairs(
  pairs: readonly ResultPair[],
  settings: ComparisonSettings,
): VariantComparison | undefined {
  const [first] = pairs;
  if (!first) return undefined;
  const { scenario, params, model, evidence, variant } = first.variant;
  const isPerfect = evidence === 'scripted' && !first.variant.imperfections;
  const decide = (figure: string, pick: (result: Result) => number) =>
    decideOn(
      pairs.map((pair) => ({ reference: pick(pair.reference), variant: pick(pair.variant) })),
      { margin: settings.margin, seed: deriveSeed(settings.seed, 'comparison', figure) },
      isPerfect,
    );
  const isPriced = pairs.every((pair) => pair.reference.costUsd && pair.variant.costUsd);
  const correctness = mcnemar(
    pairs.map((pair) => ({ reference: pair.reference.correct === 1, variant: pair.variant.correct === 1 })),
  );
  return {
    scenario,
    params,
    model,
    evidence,
    variant,
    reference: first.reference.variant,
    pairs: pairs.length,
    basis: isPerfect ? 'computed' : 'sampled',
    correct: {
      onlyReference: correctness.onlyReference,
      onlyVariant: correctness.onlyVariant,
      p: correctness.status === 'tested' ? correctness.p : null,
    },
    billedTokens: decide('billed tokens', ({ tokens }) => tokens.billed),
    ...(isPriced && { costUsd: decide('cost', ({ costUsd }) => costUsd?.cached ?? 0) }),
  };
}

function decideOn(
  pairs: readonly Pair<number>[],
  settings: ComparisonSettings,
  isPerfect: boolean,
): ComparisonDecision {
  const { decision, margin, ratio, ...rest } = compareMeans(pairs, settings);
  // A figure that was computed and not sampled is its own interval.
  if (isPerfect && ratio.value !== null && ratio.value > 0) {
    const placement = placeInterval(ratio.value, ratio.value, margin);
    return placement === 'lower' || placement === 'higher'
      ? { decision: 'different', direction: placement, margin, ratio }
      : { decision: placement, margin, ratio };
  }
  const { direction, reason, pairsNeeded } = rest as Partial<
    Pick<Extract<Comparison, { decision: 'different' }>, 'direction'> &
      Pick<Extract<Comparison, { decision: 'insufficient' }>, 'reason' | 'pairsNeeded'>
  >;
  return {
    decision,
    ...(direction && { direction }),
    ...(reason && { reason }),
    ...(pairsNeeded !== undefined && { pairsNeeded }),
    margin,
    ratio,
  };
}

function isMeasured(result: Result): boolean {
  return result.status !== 'infrastructure_error';
}
