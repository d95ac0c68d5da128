import type { Cause } from './attribute.ts';
import type { Change } from './change.ts';
import type { ComparedPair, ComparedScenario } from './compare.ts';
import type { Finding } from './decision.ts';
import { place } from './incomparable.ts';
import { figureNames, judgeChange } from './judge-change.ts';
import { findCheck, type Policy } from './policy.ts';

/** The first causes say where to look; all are in the comparison. */
const mostCauses = 3;

/**
 * Judges the figures of one pair. `comparable` says which of them may be compared; whether an answer is right does not
 * depend on what tools or tokens cost, so correctness always may.
 */
export function judgePair(
  pair: ComparedPair,
  scenario: ComparedScenario | undefined,
  { policy, comparable }: { policy: Policy; comparable: (change: Change) => boolean },
): Finding[] {
  const judgeAs = (variant: string) => (change: Change) =>
    judgeFigure(change, variant, { pair, scenario, policy });
  return [
    ...pair.changes.filter(comparable).map(judgeAs(pair.variant)),
    ...pair.hypothetical.filter(comparable).map(judgeAs(`${pair.variant} (hypothetical, without a window)`)),
  ];
}

type Circumstances = { pair: ComparedPair; scenario: ComparedScenario | undefined; policy: Policy };

function judgeFigure(change: Change, variant: string, { pair, scenario, policy }: Circumstances): Finding {
  const { check: name, name: figure } = figureNames[change.metric];
  const check = findCheck(policy, name, pair.scenario);
  const { status, text } = judgeChange(change, check);
  const moved = change.metric === 'correct' ? ' fell' : ' rose';
  const what = { pass: '', breach: moved, undecided: ' cannot be judged' }[status];
  return {
    check: name,
    status,
    level: status === 'undecided' && check.level !== 'off' ? policy.undecided : check.level,
    ...place(pair),
    variant,
    before: change.before,
    after: change.after,
    title: `${pair.scenario} / ${variant}: ${figure}${what}`,
    message: `${text}.${status === 'pass' ? '' : explain(pair, scenario)}`,
  };
}

/** Judges whether the verdict of a scenario is still what it was. */
export function judgeVerdict(
  scenario: ComparedScenario,
  pairs: readonly ComparedPair[],
  policy: Policy,
): Finding[] {
  const { before, after } = scenario.verdict;
  if (before === null && after === null) return [];
  const flipped = before !== after;
  // With live trials, that they no longer suffice, or now do, may be chance; a recommendation turned into another may not.
  const isSampled = pairs.some(({ changes }) => changes.some(({ evidence }) => evidence !== 'exact'));
  const undecided = flipped && isSampled && [before, after].includes('insufficient');
  const { level } = findCheck(policy, 'verdict', scenario.scenario);
  const title = undecided ? 'cannot be judged' : flipped ? 'flipped' : 'is the same';
  return [
    {
      check: 'verdict',
      status: undecided ? 'undecided' : flipped ? 'breach' : 'pass',
      level: undecided && level !== 'off' ? policy.undecided : level,
      ...place(scenario),
      variant: null,
      before,
      after,
      title: `${scenario.scenario}: the verdict ${title}`,
      message: `${before ?? 'none'} → ${after ?? 'none'}.${flipped ? describeCauses(pairs.flatMap((pair) => pair.causes)) : ''}`,
    },
  ];
}

function explain(pair: ComparedPair, scenario: ComparedScenario | undefined): string {
  const { before, after } = pair.status;
  const ended = before === after ? '' : ` It ended as ${words(after)}, before as ${words(before)}.`;
  const files = scenario?.filesChanged ? " The scenario's own files changed." : '';
  return `${ended}${describeCauses([...(scenario?.surface ?? []), ...pair.causes])}${files}`;
}

function describeCauses(causes: readonly Cause[]): string {
  if (causes.length === 0) return '';
  const shown = causes.slice(0, mostCauses).map(({ text }) => text);
  const rest = causes.length > mostCauses ? [`and ${causes.length - mostCauses} more`] : [];
  return ` Because: ${[...shown, ...rest].join('; ')}.`;
}

function words(status: string): string {
  return status.replaceAll('_', ' ');
}
