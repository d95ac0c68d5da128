import { pointKey } from '../scenario/point.ts';
import type { Change } from './change.ts';
import type { Comparison } from './compare.ts';
import type { Decision, Finding } from './decision.ts';
import { findIncomparable, isSurfaceInTheWay, scenarioOf } from './incomparable.ts';
import { figureNames } from './judge-change.ts';
import { judgePair, judgeVerdict } from './judge-pair.ts';
import type { Policy } from './policy.ts';
import { judgeSuite } from './suite.ts';

/**
 * Decides whether a run may pass: a pure function of what was compared and the policy. `incomplete` are the reasons for
 * which the run did not measure all it planned; with any, the outcome is `incomplete` whatever else was found.
 */
export function judge(comparison: Comparison, policy: Policy, incomplete: readonly string[] = []): Decision {
  const { scenarios, pairs, unpaired, pricesDiffer, weighingDiffers } = comparison;
  const all = pairs.length + unpaired.length;
  const hasPrice = ({ metric }: Change) =>
    pricesDiffer === null || !figureNames[metric].check.startsWith('cost');
  const isInTheWay = (scenario: Comparison['scenarios'][number] | undefined) =>
    isSurfaceInTheWay(scenario, policy);
  const sameTools = pairs.filter((pair) => !isInTheWay(scenarioOf(pair, scenarios)));
  const findings = [
    ...findIncomparable(comparison, policy),
    ...pairs.flatMap((pair) => {
      const scenario = scenarioOf(pair, scenarios);
      const comparable = (change: Change) =>
        hasPrice(change) && (change.metric === 'correct' || !isInTheWay(scenario));
      return judgePair(pair, scenario, { policy, comparable });
    }),
    ...scenarios
      .filter((scenario) => pricesDiffer === null && weighingDiffers === null && !isInTheWay(scenario))
      .flatMap((scenario) => {
        const own = pairs.filter((pair) => pointKey(pair) === pointKey(scenario));
        return judgeVerdict(scenario, own, policy);
      }),
    ...judgeSuite(sameTools, {
      of: (variant) => [...pairs, ...unpaired].filter((each) => each.variant === variant).length,
      policy,
      comparable: hasPrice,
    }),
  ].filter((finding) => finding.level !== 'off');
  const isSampled = sameTools.some(({ changes }) => changes.some(({ evidence }) => evidence !== 'exact'));
  const sums = isSampled ? ', live ones each by its own interval and not in sums' : '';
  return conclude(findings, incomplete, `${sameTools.length} of ${all} results were compared${sums}`);
}

function conclude(findings: Finding[], incomplete: readonly string[], compared: string): Decision {
  const bad = findings.filter((finding) => finding.status !== 'pass');
  const errors = bad.filter((finding) => finding.level === 'error');
  const message = `${compared}; ${count(errors.length, 'error')}, ${count(bad.length - errors.length, 'warning')}.`;
  if (incomplete.length > 0) {
    const reasons = [...incomplete, message].join('\n');
    return { outcome: 'incomplete', title: 'The run is incomplete', message: reasons, findings };
  }
  const [first] = errors;
  if (!first) return { outcome: 'pass', title: 'Gate passed', message, findings };
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  return { outcome: 'fail', title: `Gate failed: ${first.title}${more}`, message, findings };
}

function count(value: number, what: string): string {
  return `${value} ${what}${value === 1 ? '' : 's'}`;
}
