import { type Metric, metrics } from './baseline.ts';
import type { Change } from './change.ts';
import type { ComparedPair } from './compare.ts';
import type { Finding } from './decision.ts';
import { figureNames, judgeChange } from './judge-change.ts';
import { findCheck, type Policy } from './policy.ts';

/**
 * Judges the sums of each variant over all scenarios that were compared, for correctness the mean. Sums are judged as they
 * stand: over live trials each scenario has its own interval, and a sum of them would claim more than it knows, so there
 * they are left out.
 */
export function judgeSuite(
  pairs: readonly ComparedPair[],
  {
    of,
    policy,
    comparable,
  }: {
    /** How many scenarios either run has in a variant. */
    of: (variant: string) => number;
    policy: Policy;
    comparable: (change: Change) => boolean;
  },
): Finding[] {
  const byVariant = Map.groupBy(pairs, (pair) => pair.variant);
  return [...byVariant].flatMap(([variant, own]) =>
    metrics.flatMap((metric): Finding[] => {
      const { check: checkName, name } = figureNames[metric];
      const check = findCheck(policy, checkName, null);
      const counted = own.flatMap((pair) => exactChangeOf(pair, metric) ?? []);
      if (counted.length < 2) return [];
      const totals = sum(counted);
      const change: Change = { metric, ...totals, evidence: 'exact' };
      if (!comparable(change)) return [];
      const { status, text } = judgeChange(change, check);
      const all = of(variant);
      const scope = counted.length < all ? `${counted.length} of ${all}` : `${all}`;
      return [
        {
          check: checkName,
          status,
          level: check.level,
          scenario: null,
          params: '',
          variant,
          ...totals,
          title: `suite / ${variant}: ${name}${status === 'breach' ? (metric === 'correct' ? ' fell' : ' rose') : ''}`,
          message: `${text}, ${metric === 'correct' ? 'mean' : 'sum'} of ${scope} scenarios.`,
        },
      ];
    }),
  );
}

type Totals = { before: number; after: number };

/** The figure in both runs; undefined where it is unknown, was not held against the other, or is one of live trials. */
function exactChangeOf({ changes }: ComparedPair, metric: Metric): (Totals & { metric: Metric }) | undefined {
  const change = changes.find((each) => each.metric === metric);
  if (change?.evidence !== 'exact' || change.before === null || change.after === null) return undefined;
  return { metric, before: change.before, after: change.after };
}

/** Sums, for correctness means. */
function sum(changes: readonly (Totals & { metric: Metric })[]): Totals {
  const total = (side: 'before' | 'after') => changes.reduce((all, change) => all + change[side], 0);
  const share = changes[0]?.metric === 'correct' ? changes.length : 1;
  return { before: total('before') / share, after: total('after') / share };
}
