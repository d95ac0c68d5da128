import { counted, percent, share } from '../../numbers.ts';
import { metrics } from '../../results/baseline.ts';
import { describeParams, type Point, pointKey } from '../../results/point.ts';
import { type Change, describeChange, figureNames, hypotheticalName, judgeChange } from './change.ts';
import type {
  ComparedPair,
  ComparedScenario,
  Comparison,
  CountedOtherwise,
  Unpaired,
} from './compare-runs.ts';
import { type Check, type CheckName, findCheck, type GatePolicy, type Level } from './gate-policy.ts';
import { findProblems } from './problems.ts';

/** What was looked at: one of the checks, or what kept figures from being compared. */
export type Looked =
  | CheckName
  | 'missing'
  | 'new'
  | 'conditions'
  | 'prices'
  | 'weighing'
  | 'counting'
  | 'toolSurface';

/**
 * One thing that the gate looked at. `not_comparable` means that there is no figure to judge. `undecided` means that a
 * sample does not show whether a limit was passed: `trials` more of each variant would.
 */
export type Finding = {
  check: Looked;
  status: 'pass' | 'breach' | 'not_comparable' | 'undecided';
  /** What the policy makes of anything but a pass. What is undecided only ever warns. */
  level: Level;
  /** Null for the suite as a whole. */
  scenario: string | null;
  params: string;
  variant: string | null;
  before: number | string | null;
  after: number | string | null;
  trials: number | null;
  /** The figures in words, such as "billed tokens 10,000 → 12,000 (+2,000, +20.0 %; 50 allowed)". */
  message: string;
};

/** One cause of findings, told once: what it moved, then lines of why, and of the figures. */
export type Problem = { level: 'error' | 'warn'; title: string; message: string };

/** What a gate decided, with everything it looked at. */
export type Decision = {
  /** `incomplete`: the run did not measure all it planned, so that nothing can be passed. */
  outcome: 'pass' | 'fail' | 'incomplete';
  title: string;
  message: string;
  /** What people must see, the worst first. */
  problems: Problem[];
  findings: Finding[];
  /** What to do next, with commands; null where nothing is. */
  next: string | null;
};

/** A scenario in whose sample something is undecided, and the fresh trials of each variant that decide it. */
export type Doubt = { scenario: string; trials: number };

export function findDoubts({ findings }: Pick<Decision, 'findings'>): Doubt[] {
  const most = new Map<string, number>();
  for (const { scenario, trials } of findings) {
    if (scenario !== null && trials !== null) most.set(scenario, Math.max(trials, most.get(scenario) ?? 0));
  }
  return [...most].map(([scenario, trials]) => ({ scenario, trials }));
}

type Circumstances = {
  policy: GatePolicy;
  /** Which figures may be compared. */
  comparable: (pair: ComparedPair, change: Change) => boolean;
  /** How many sampled amounts the gate judges. */
  checks: number;
  /** The baseline against a fresh sample, where there is one. */
  fresh: Comparison | undefined;
};

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

/** Names everything of a comparison that has no figure to judge, and why: nothing is skipped without a word. */
function findIncomparable(comparison: Comparison, policy: GatePolicy): Finding[] {
  const { scenarios, pairs, unpaired, pricesDiffer, weighingDiffers } = comparison;
  const tellWhole = (check: 'prices' | 'weighing', told: string, because: string | null) =>
    because === null || pairs.length === 0
      ? []
      : [notComparable(check, policy.conditions, { message: `${told}: ${because}` })];
  return [
    ...unpaired.map((each) => judgeUnpaired(each, policy)),
    ...scenarios.flatMap((scenario) => judgeSurface(scenario, policy)),
    ...tellWhole('prices', 'costs and verdicts were not compared, tokens were', pricesDiffer),
    ...tellWhole('weighing', 'verdicts were not compared, figures were', weighingDiffers),
    ...findUnpriced(pairs, policy),
    ...findCountedOtherwise(pairs, policy),
  ];
}

/** Figures that were counted otherwise may differ for that alone, so they are held less closely: that is told, and only warns. */
function findCountedOtherwise(pairs: readonly ComparedPair[], policy: GatePolicy): Finding[] {
  // Nearly all is not all.
  const part = (of: number) => (Number.isInteger(of) ? percent(of) : share(of));
  const told = pairs.flatMap(({ scenario, variant, counting }) => {
    if (!counting) return [];
    const { exact, room } = counting;
    return [
      `of ${scenario} / ${variant}, ${part(exact.before)} of the tokens were counted exactly before, ${part(exact.after)} now; ${share(room)} more is allowed`,
    ];
  });
  if (told.length === 0 || policy.conditions === 'off') return [];
  return [notComparable('counting', 'warn', { message: told.join('; ') })];
}

/** The check with the room that another way of counting needs; what is not counted in tokens needs none. */
function withRoom(check: Check, { metric }: Change, counting: CountedOtherwise | null): Check {
  const isCounted = metric === 'billedTokens' || metric === 'contextTokens' || metric.startsWith('cost');
  return isCounted && counting ? { ...check, relative: check.relative + counting.room } : check;
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
function isSurfaceInTheWay(scenario: ComparedScenario | undefined, policy: GatePolicy): boolean {
  return policy.toolSurface !== 'off' && scenario?.surface?.length !== 0;
}

function scenarioOf(point: Point, scenarios: readonly ComparedScenario[]): ComparedScenario | undefined {
  return scenarios.find((each) => pointKey(each) === pointKey(point));
}

function place({ scenario, params }: Point) {
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

/** Judges the figures of one pair. */
function judgePair(pair: ComparedPair, circumstances: Circumstances): Finding[] {
  const judgeAll = (changes: readonly Change[], variant: string) =>
    changes
      .filter((change) => circumstances.comparable(pair, change))
      .map((change) => judgeFigure(change, variant, pair, circumstances));
  return [
    ...judgeAll(pair.changes, pair.variant),
    ...judgeAll(pair.hypothetical, hypotheticalName(pair.variant)),
  ];
}

function judgeFigure(
  change: Change,
  variant: string,
  pair: ComparedPair,
  { policy, checks, fresh: again }: Circumstances,
): Finding {
  const { check: name, name: figure } = figureNames[change.metric];
  const check = withRoom(findCheck(policy, name, pair.scenario), change, pair.counting);
  const fresh = again?.pairs
    .find((each) => each.variant === pair.variant && pointKey(each) === pointKey(pair))
    ?.changes.find(({ metric }) => metric === change.metric);
  const { status, trials } = judgeChange(change, check, { checks, fresh });
  const decided = fresh && status === 'breach' ? `; fresh sample: ${describeChange(fresh, check)}` : '';
  return {
    check: name,
    status,
    level: status === 'undecided' && check.level !== 'off' ? 'warn' : check.level,
    ...place(pair),
    variant,
    before: change.before,
    after: change.after,
    trials,
    message: `${figure} ${describeChange(change, check)}${decided}`,
  };
}

/**
 * Judges whether the recommendation of a verdict still holds. What no longer suffices on sampled evidence may be chance, so a
 * fresh sample of the trials that can settle it decides. A baseline that recommended nothing has nothing to hold.
 */
function judgeRecommendation(scenario: ComparedScenario, { policy, fresh: again }: Circumstances): Finding[] {
  const { before, after } = scenario.verdict;
  if (before === null || after === null) return [];
  const { level } = findCheck(policy, 'verdict', scenario.scenario);
  const kept = before === 'insufficient' || before === after;
  const doubtful = !kept && scenario.sampled && after === 'insufficient' && scenario.trialsNeeded !== null;
  const fresh = doubtful ? scenarioOf(scenario, again?.scenarios ?? [])?.verdict.after : undefined;
  const isUndecided = doubtful && fresh === undefined;
  const status = isUndecided ? 'undecided' : kept || fresh === before ? 'pass' : 'breach';
  return [
    {
      check: 'verdict',
      status,
      level: isUndecided && level !== 'off' ? 'warn' : level,
      ...place(scenario),
      variant: null,
      before,
      after,
      trials: isUndecided ? scenario.trialsNeeded : null,
      message: `verdict ${before}${why(scenario.because.before)} → ${after}${why(scenario.because.after)}${fresh ? `; fresh sample: ${fresh}` : ''}`,
    },
  ];
}

function why(because: string | null): string {
  return because === null ? '' : ` (${because.replaceAll('_', ' ')})`;
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
