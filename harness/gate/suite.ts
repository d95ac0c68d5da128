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
  { of, policy, comparable }: { of: number; policy: Policy; comparable: (change: Change) => boolean },
): Finding[] {
  const byVariant = Map.groupBy(pairs, (pair) => pair.variant);
  return [...byVariant].flatMap(([variant, own]) =>
    metrics.flatMap((metric): Finding[] => {
      const { check: checkName, name } = figureNames[metric];
      const check = findCheck(policy, checkName, null);
      const totals = sum(own, metric);
      if (!totals || own.length < 2) return [];
      const change: Change = { metric, ...totals, evidence: 'exact' };
      if (!comparable(change)) return [];
      const { status, text } = judgeChange(change, check);
      const scope = pairs.length < of ? `, over ${pairs.length} of ${of} results` : '';
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
          message: `${text}, ${metric === 'correct' ? 'mean' : 'sum'} of ${own.length} scenarios${scope}.`,
        },
      ];
    }),
  );
}

function sum(pairs: readonly ComparedPair[], metric: Metric): { before: number; after: number } | undefined {
  let [before, after] = [0, 0];
  for (const pair of pairs) {
    const change = pair.changes.find((each) => each.metric === metric);
    if (change?.evidence !== 'exact' || change.before === null || change.after === null) return undefined;
    before += change.before;
    after += change.after;
  }
  const share = metric === 'correct' ? pairs.length : 1;
  return { before: before / share, after: after / share };
}
