import { describeParams, type Point, pointKey } from '../../results/point.ts';
import type { ComparedPair, ComparedScenario, Comparison, Unpaired } from './compare-runs.ts';
import type { Finding } from './decision.ts';
import { findCheck, type GatePolicy, type Level } from './gate-policy.ts';

/** Names everything of a comparison that has no figure to judge, and why: nothing is skipped without a word. */
export function findIncomparable(comparison: Comparison, policy: GatePolicy): Finding[] {
  const { scenarios, pairs, unpaired, pricesDiffer, weighingDiffers } = comparison;
  const isCompared = pairs.length > 0;
  return [
    ...unpaired.map((each) => judgeUnpaired(each, policy)),
    ...scenarios.flatMap((scenario) => judgeSurface(scenario, policy)),
    ...(pricesDiffer !== null && isCompared
      ? [
          notComparable('prices', policy.conditions, {
            message: `costs and verdicts were not compared, tokens were: ${pricesDiffer}`,
          }),
        ]
      : []),
    ...(weighingDiffers !== null && isCompared
      ? [
          notComparable('weighing', policy.conditions, {
            message: `verdicts were not compared, figures were: ${weighingDiffers}`,
          }),
        ]
      : []),
    ...findUnpriced(pairs, policy),
  ];
}

/** What has a price in neither run has no cost to compare; that no cost was looked at must not pass unnoticed. */
function findUnpriced(pairs: readonly ComparedPair[], policy: GatePolicy): Finding[] {
  const unpriced = pairs.filter(({ changes, hypothetical }) =>
    [changes, hypothetical].every((figures) => !figures.some(({ metric }) => metric === 'costCached')),
  );
  if (unpriced.length === 0 || findCheck(policy, 'cost', null).level === 'off') return [];
  const names = unpriced.map(({ scenario, variant }) => `${scenario} / ${variant}`);
  const message = `costs were not compared, tokens were: the model has no known price (${names.join(', ')})`;
  return [notComparable('prices', 'warn', { message })];
}

/** Whether the tools of a scenario changed, so that its tokens and costs say nothing about the rest. */
export function isSurfaceInTheWay(scenario: ComparedScenario | undefined, policy: GatePolicy): boolean {
  return policy.toolSurface !== 'off' && scenario?.surface?.length !== 0;
}

export function scenarioOf(
  point: Point,
  scenarios: readonly ComparedScenario[],
): ComparedScenario | undefined {
  const key = pointKey(point);
  return scenarios.find((each) => pointKey(each) === key);
}

export function place({ scenario, params }: Point) {
  return { scenario, params: describeParams(params) };
}

function judgeUnpaired(each: Unpaired, policy: GatePolicy): Finding {
  const where = each.side === 'before' ? 'only the baseline has it' : 'only this run has it';
  const message = each.because ?? where;
  return notComparable(each.kind, policy[each.kind], { ...place(each), variant: each.variant, message });
}

function judgeSurface(scenario: ComparedScenario, policy: GatePolicy): Finding[] {
  const { surface } = scenario;
  if (surface !== null && surface.length === 0) return [];
  const message = surface
    ? surface.map(({ text }) => text).join('; ')
    : 'the tools were not recorded: run it again with this version';
  return [notComparable('toolSurface', policy.toolSurface, { ...place(scenario), message })];
}

function notComparable(
  check: Finding['check'],
  level: Level,
  rest: Partial<Finding> & Pick<Finding, 'message'>,
): Finding {
  const nowhere = { scenario: null, params: '', variant: null, before: null, after: null, trials: null };
  return { check, status: 'not_comparable', level, ...nowhere, ...rest };
}
