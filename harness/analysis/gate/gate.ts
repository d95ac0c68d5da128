import { counted } from '../../numbers.ts';
import { metrics } from '../../results/baseline.ts';
import { type Change, describeChange, figureNames, judgeChange } from './change.ts';
import type { ComparedPair, Comparison, CountedOtherwise } from './compare-runs.ts';
import {
  type Circumstances,
  type Decision,
  type Finding,
  findIncomparable,
  isSurfaceInTheWay,
  judgePair,
  judgeRecommendation,
  scenarioOf,
  withRoom,
} from './findings.ts';
import { findCheck, type GatePolicy } from './gate-policy.ts';
import { findProblems } from './problems.ts';

/**
 * Decides whether a run may pass: a pure function of what was compared and the policy. `incomplete` are the reasons for
 * which the run did not measure all it planned; with any, the outcome is `incomplete` even if a check failed. `fresh` is
 * the baseline against a second sample, which decides what the first left in doubt.
 */
export function judge(
  comparison: Comparison,
  policy: GatePolicy,
  { incomplete = [], fresh }: { incomplete?: readonly string[]; fresh?: Comparison } = {},
): Decision {
  const { scenarios, pairs, unpaired, pricesDiffer, weighingDiffers } = comparison;
  const isInTheWay = (pair: ComparedPair) => isSurfaceInTheWay(scenarioOf(pair, scenarios), policy);
  // Whether an answer is right does not depend on what tools or tokens cost.
  const comparable = (pair: ComparedPair, { metric }: Change) =>
    metric === 'correct' ||
    (!isInTheWay(pair) && (pricesDiffer === null || !figureNames[metric].check.startsWith('cost')));
  const circumstances: Circumstances = {
    policy,
    comparable,
    checks: countSampledAmounts(pairs, policy, comparable),
    fresh,
  };
  const sameTools = pairs.filter((pair) => !isInTheWay(pair));
  const areVerdictsComparable = pricesDiffer === null && weighingDiffers === null;
  const findings = [
    ...findIncomparable(comparison, policy),
    ...pairs.flatMap((pair) => judgePair(pair, circumstances)),
    ...scenarios
      .filter((scenario) => areVerdictsComparable && !isSurfaceInTheWay(scenario, policy))
      .flatMap((scenario) => judgeRecommendation(scenario, circumstances)),
    ...judgeSuite(
      sameTools,
      circumstances,
      (variant) => [...pairs, ...unpaired].filter((each) => each.variant === variant).length,
    ),
  ].filter((finding) => finding.level !== 'off');
  const compared = `${sameTools.length} of ${counted(pairs.length + unpaired.length, 'result')} compared`;
  return conclude(findings, comparison, incomplete, compared);
}

/** Sampled amounts share the level at which the gate stops at once. */
function countSampledAmounts(
  pairs: readonly ComparedPair[],
  policy: GatePolicy,
  comparable: Circumstances['comparable'],
): number {
  return pairs.reduce((total, pair) => {
    const held = pair.changes.filter(
      (change) =>
        change.evidence === 'sampled' &&
        change.metric !== 'correct' &&
        comparable(pair, change) &&
        findCheck(policy, figureNames[change.metric].check, pair.scenario).level !== 'off',
    );
    return total + held.length;
  }, 0);
}

function conclude(
  findings: Finding[],
  comparison: Comparison,
  incomplete: readonly string[],
  compared: string,
): Decision {
  const problems = findProblems(findings, comparison);
  const errors = problems.filter(({ level }) => level === 'error');
  const warnings = problems.length - errors.length;
  const counts = [
    ...(errors.length > 0 ? [counted(errors.length, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  const message = `${[compared, ...counts].join(', ')}.`;
  const rest = { problems, findings, next: null };
  if (incomplete.length > 0) {
    const reasons = [...incomplete, message].join('\n');
    return { outcome: 'incomplete', title: 'The run is incomplete', message: reasons, ...rest };
  }
  const [first] = errors;
  if (!first) return { outcome: 'pass', title: 'Gate passed', message, ...rest };
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  return { outcome: 'fail', title: `Gate failed: ${first.title}${more}`, message, ...rest };
}

/**
 * Judges the sums of each variant over all scenarios that were compared, for correctness the mean. Samples are left out:
 * each scenario has its own spread, and a sum of them would claim more than it knows.
 */
function judgeSuite(
  pairs: readonly ComparedPair[],
  { policy, comparable, checks }: Circumstances,
  /** How many scenarios either run has in a variant. */
  of: (variant: string) => number,
): Finding[] {
  const byVariant = Map.groupBy(pairs, (pair) => pair.variant);
  return [...byVariant].flatMap(([variant, own]) =>
    metrics.flatMap((metric): Finding[] => {
      const { check: name, name: figure } = figureNames[metric];
      // What is unknown, was not held against the other, or is one of a sample, has no sum.
      const known = own.flatMap((pair) =>
        pair.changes.flatMap((change) => {
          const { before, after, evidence } = change;
          const isSummed = change.metric === metric && evidence === 'computed' && comparable(pair, change);
          return isSummed && before !== null && after !== null ? [{ before, after }] : [];
        }),
      );
      if (known.length < 2) return [];
      const total = (side: 'before' | 'after') =>
        known.reduce((sum, each) => sum + each[side], 0) / (metric === 'correct' ? known.length : 1);
      const totals = { before: total('before'), after: total('after') };
      const change: Change = { metric, ...totals, evidence: 'computed' };
      const check = withRoom(findCheck(policy, name, null), change, widest(own));
      const { status } = judgeChange(change, check, { checks });
      const all = of(variant);
      const scope = known.length < all ? `${known.length} of ${all}` : `${all}`;
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

/** Of a sum, what the pair with the most room needs: errors of counting do not even out over scenarios. */
function widest(pairs: readonly ComparedPair[]): CountedOtherwise | null {
  const all = pairs.flatMap(({ counting }) => counting ?? []).sort((a, b) => b.room - a.room);
  return all[0] ?? null;
}
