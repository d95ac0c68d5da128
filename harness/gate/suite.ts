import { type Metric, metrics } from './baseline.ts';
import type { Change } from './change.ts';
import type { ComparedPair } from './compare.ts';
import type { Finding } from './decision.ts';
import { describeChange, figureNames, judgeChange } from './judge-change.ts';
import type { Circumstances } from './judge-pair.ts';
import { findCheck } from './policy.ts';

/**
 * Judges the sums of each variant over all scenarios that were compared, for correctness the mean. Samples are left out:
 * each scenario has its own spread, and a sum of them would claim more than it knows.
 */
export function judgeSuite(
  pairs: readonly ComparedPair[],
  { policy, comparable, checks }: Circumstances,
  /** How many scenarios either run has in a variant. */
  of: (variant: string) => number,
): Finding[] {
  const byVariant = Map.groupBy(pairs, (pair) => pair.variant);
  return [...byVariant].flatMap(([variant, own]) =>
    metrics.flatMap((metric): Finding[] => {
      const { check: name, name: figure } = figureNames[metric];
      const check = findCheck(policy, name, null);
      const counted = own.flatMap((pair) => computedChangeOf(pair, metric, comparable) ?? []);
      if (counted.length < 2) return [];
      const totals = sum(counted, metric);
      const change: Change = { metric, ...totals, evidence: 'computed' };
      const { status } = judgeChange(change, check, { checks });
      const all = of(variant);
      const scope = counted.length < all ? `${counted.length} of ${all}` : `${all}`;
      const words = `${metric === 'correct' ? 'mean' : 'sum'} of ${scope} scenarios`;
      return [
        {
          check: name,
          status,
          level: check.level,
          scenario: null,
          params: '',
          variant,
          ...totals,
          trials: null,
          message: `${figure} ${describeChange(change, check)}, ${words}`,
        },
      ];
    }),
  );
}

type Totals = { before: number; after: number };

/** The figure in both runs; undefined where it is unknown, was not held against the other, or is one of a sample. */
function computedChangeOf(
  pair: ComparedPair,
  metric: Metric,
  comparable: Circumstances['comparable'],
): Totals | undefined {
  const change = pair.changes.find((each) => each.metric === metric);
  if (!change || !comparable(pair, change)) return undefined;
  if (change.evidence !== 'computed' || change.before === null || change.after === null) return undefined;
  return { before: change.before, after: change.after };
}

/** Sums, for correctness means. */
function sum(changes: readonly Totals[], metric: Metric): Totals {
  const total = (side: keyof Totals) => changes.reduce((all, change) => all + change[side], 0);
  const share = metric === 'correct' ? changes.length : 1;
  return { before: total('before') / share, after: total('after') / share };
}
