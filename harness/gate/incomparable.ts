import { describeParams, type Point, pointKey } from '../scenario/point.ts';
import type { ComparedPair, ComparedScenario, Comparison, Unpaired } from './compare.ts';
import type { Finding } from './decision.ts';
import { figureNames } from './judge-change.ts';
import { findCheck, type Policy } from './policy.ts';

/** Names everything of a comparison that has no figure to judge, and why: nothing is skipped without a word. */
export function findIncomparable(comparison: Comparison, policy: Policy): Finding[] {
  const { scenarios, pairs, unpaired, pricesDiffer, weighingDiffers } = comparison;
  return [
    ...unpaired.map((each) => judgeUnpaired(each, policy)),
    ...scenarios.flatMap((scenario) => judgeSurface(scenario, pairs, policy)),
    ...(pricesDiffer !== null && pairs.length > 0
      ? [
          ofSuite('prices', policy.conditions, {
            title: 'Costs and verdicts are not comparable: the price table changed',
            message: `Tokens were compared, costs and verdicts were not: ${pricesDiffer}.`,
          }),
        ]
      : []),
    ...(weighingDiffers !== null && pairs.length > 0
      ? [
          ofSuite('weighing', policy.conditions, {
            title: 'Verdicts are not comparable: they were weighed differently',
            message: `Figures were compared, verdicts were not: ${weighingDiffers}.`,
          }),
        ]
      : []),
    ...findUnpriced(pairs, policy),
  ];
}

/** What has a price in neither run has no cost to compare; that no cost was looked at must not pass unnoticed. */
function findUnpriced(pairs: readonly ComparedPair[], policy: Policy): Finding[] {
  const unpriced = pairs.filter(({ changes, hypothetical }) =>
    [changes, hypothetical].every((figures) => !figures.some(({ metric }) => metric === 'costCached')),
  );
  if (unpriced.length === 0 || findCheck(policy, 'cost', null).level === 'off') return [];
  const names = unpriced.map(({ scenario, variant }) => `${scenario} / ${variant}`);
  return [
    ofSuite('prices', policy.undecided, {
      title: 'Costs were not compared: the model has no known price',
      message: `No cost is known, before or after, of ${names.join(', ')}. Tokens were compared.`,
    }),
  ];
}

/** Whether the tools of a scenario changed, so that its tokens and costs say nothing about the rest. */
export function isSurfaceInTheWay(scenario: ComparedScenario | undefined, policy: Policy): boolean {
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

function judgeUnpaired(each: Unpaired, policy: Policy): Finding {
  const { kind, side, because } = each;
  const where = side === 'before' ? 'only the baseline has it' : 'only this run has it';
  const why = kind === 'conditions' ? (because ?? where) : where;
  const more = kind !== 'conditions' && because ? `; ${because}` : '';
  return {
    check: kind,
    status: 'not_comparable',
    level: policy[kind],
    ...place(each),
    variant: each.variant,
    before: null,
    after: null,
    title: `${each.scenario} / ${each.variant}: not comparable, ${why}`,
    message: `${each.scenario} / ${each.variant} with ${describeParams(each.params)}: ${why}${more}.`,
  };
}

/** Something that kept figures of all scenarios from being compared. */
function ofSuite(
  check: Finding['check'],
  level: Finding['level'],
  words: Pick<Finding, 'title' | 'message'>,
): Finding {
  const nowhere = { scenario: null, params: '', variant: null, before: null, after: null };
  return { check, status: 'not_comparable', level, ...nowhere, ...words };
}

function judgeSurface(scenario: ComparedScenario, pairs: readonly ComparedPair[], policy: Policy): Finding[] {
  const { surface } = scenario;
  if (surface !== null && surface.length === 0) return [];
  const [first] = surface ?? [];
  const effects = pairs
    .filter((pair) => scenarioOf(pair, [scenario]) !== undefined)
    .map((pair) => `${pair.variant}: ${describeEffect(pair)}`);
  const { before, after } = scenario.verdict;
  if (before !== after) effects.push(`verdict: ${before ?? 'none'} → ${after ?? 'none'}`);
  const reason = surface
    ? `${surface.map(({ text }) => text).join('; ')}.`
    : 'A run without tool records cannot show that its tools were the same; run it again with this version.';
  return [
    {
      check: 'toolSurface',
      status: 'not_comparable',
      level: policy.toolSurface,
      ...place(scenario),
      variant: null,
      before: null,
      after: null,
      title: `${scenario.scenario}: not comparable, ${first ? `the tools changed (${first.tool}${first.field ? `: ${first.field}` : ''})` : 'its tools were not recorded'}`,
      message: `${reason} Figures: ${effects.join('; ')}.`,
    },
  ];
}

function describeEffect({ changes, causes }: ComparedPair): string {
  const moved = changes
    .filter(({ before, after }) => before !== after)
    .slice(0, 2)
    .map((change) => {
      const { name, write } = figureNames[change.metric];
      return `${name} ${change.before === null ? 'unknown' : write(change.before)} → ${change.after === null ? 'unknown' : write(change.after)}`;
    });
  const results = causes.filter((cause) => cause.kind === 'results').slice(0, 1);
  return [...(moved.length > 0 ? moved : ['unchanged']), ...results.map(({ text }) => text)].join(', ');
}
