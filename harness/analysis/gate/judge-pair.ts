import type { Change } from './change.ts';
import type { ComparedPair, ComparedScenario } from './compare-runs.ts';
import type { Finding } from './decision.ts';
import { findCheck, type GatePolicy } from './gate-policy.ts';
import { place } from './incomparable.ts';
import { describeChange, figureNames, judgeChange } from './judge-change.ts';

export type Circumstances = {
  policy: GatePolicy;
  /** Which figures may be compared. */
  comparable: (pair: ComparedPair, change: Change) => boolean;
  /** How many sampled amounts the gate judges. */
  checks: number;
  /** The same pair or scenario in a fresh sample, where there is one. */
  freshPair: (pair: ComparedPair) => ComparedPair | undefined;
  freshScenario: (scenario: ComparedScenario) => ComparedScenario | undefined;
};

/** What is said of a variant that did not fit its window: the whole job as if there were none. */
export const hypotheticalName = (variant: string) => `${variant} (hypothetical, without a window)`;

/** Judges the figures of one pair. */
export function judgePair(pair: ComparedPair, circumstances: Circumstances): Finding[] {
  const judgeAs = (variant: string) => (change: Change) => judgeFigure(change, variant, pair, circumstances);
  const comparable = (change: Change) => circumstances.comparable(pair, change);
  return [
    ...pair.changes.filter(comparable).map(judgeAs(pair.variant)),
    ...pair.hypothetical.filter(comparable).map(judgeAs(hypotheticalName(pair.variant))),
  ];
}

function judgeFigure(
  change: Change,
  variant: string,
  pair: ComparedPair,
  { policy, checks, freshPair }: Circumstances,
): Finding {
  const { check: name, name: figure } = figureNames[change.metric];
  const check = findCheck(policy, name, pair.scenario);
  const fresh = freshPair(pair)?.changes.find(({ metric }) => metric === change.metric);
  const { status, trials } = judgeChange(change, check, { checks, fresh });
  const again = fresh && status === 'breach' ? `; fresh sample: ${describeChange(fresh, check)}` : '';
  return {
    check: name,
    status,
    level: status === 'undecided' && check.level !== 'off' ? 'warn' : check.level,
    ...place(pair),
    variant,
    before: change.before,
    after: change.after,
    trials,
    message: `${figure} ${describeChange(change, check)}${again}`,
  };
}

/**
 * Judges whether the recommendation of a verdict still holds. What no longer suffices on sampled evidence may be chance, so a
 * fresh sample of the trials that can settle it decides. A baseline that recommended nothing has nothing to hold.
 */
export function judgeRecommendation(
  scenario: ComparedScenario,
  { policy, freshScenario }: Circumstances,
): Finding[] {
  const { before, after } = scenario.verdict;
  if (before === null || after === null) return [];
  const { level } = findCheck(policy, 'verdict', scenario.scenario);
  const kept = before === 'insufficient' || before === after;
  const doubtful = !kept && scenario.sampled && after === 'insufficient' && scenario.trialsNeeded !== null;
  const fresh = doubtful ? freshScenario(scenario)?.verdict.after : undefined;
  const [status, trials] = kept
    ? (['pass', null] as const)
    : !doubtful
      ? (['breach', null] as const)
      : fresh === undefined
        ? (['undecided', scenario.trialsNeeded] as const)
        : ([fresh === before ? 'pass' : 'breach', null] as const);
  return [
    {
      check: 'verdict',
      status,
      level: status === 'undecided' && level !== 'off' ? 'warn' : level,
      ...place(scenario),
      variant: null,
      before,
      after,
      trials,
      message: `verdict ${before}${why(scenario.because.before)} → ${after}${why(scenario.because.after)}${fresh ? `; fresh sample: ${fresh}` : ''}`,
    },
  ];
}

function why(because: string | null): string {
  return because === null ? '' : ` (${because.replaceAll('_', ' ')})`;
}
