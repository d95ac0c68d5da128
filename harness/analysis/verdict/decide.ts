/**
 * The one decision: a pure function from a comparison and a policy to a recommendation and the figures behind it.
 *
 * Correctness is a guard and is looked at first; cost (or another measure) decides among what passes it. Nothing is worded
 * here: `because` and `caveats` say what was found, reports/ says it in sentences. Nothing is drawn at random either: the same
 * comparison gives the same decision to the last bit.
 */

import type { Because, Decision, Doubt, Ratio, SideFigures } from '../../results/verdict.ts';
import { posterior, probabilityBelow, probabilityWorse } from '../stats/belief.ts';
import {
  type Comparison,
  defaultPolicy,
  ofSides,
  otherSide,
  type Policy,
  type Side,
  sides,
} from './comparison.ts';
import { type Finding, figuresOf, findComputed, findSampled, isAnswered, pickSides } from './finding.ts';

/** More trials than anybody would make; what needs more has no number. */
const mostTrials = 10_000;

/**
 * Shown, or refuted, with 0.84 standard errors to spare beyond 95 % (1.645 + 0.84 = 2.485, one-sided), so that about four
 * repetitions in five show or refute it.
 */
const settledProbability = 0.9935;

/**
 * Decides between the two patterns. `insufficient` says by `because` what is missing, and by `trialsNeeded` how many trials of
 * each side would tell, where that can be said.
 */
export function decide(comparison: Comparison, policy: Policy = defaultPolicy): Decision {
  const missing = sides.filter((side) => !comparison.variants.some(({ pattern }) => pattern === side));
  if (missing.length > 0) return withhold({ kind: 'missing', sides: missing });
  if (comparison.evidence === 'mixed') return withhold({ kind: 'mixed_evidence' });
  const lost = findLost(comparison);
  if (lost) return withhold(lost);
  const decision =
    comparison.evidence === 'computed'
      ? judge(findComputed(comparison.variants), policy)
      : decideSampled(comparison, policy);
  const { unequalWork: calls = [] } = comparison;
  return calls.length === 0
    ? decision
    : { ...decision, ...withhold({ kind: 'unequal_work', calls: [...calls] }), sides: decision.sides };
}

/** The side whose side of the margin the whole interval lies on, `either` inside it, null where it crosses an end of it. */
export function placeRatio(
  { low, high }: Pick<Ratio, 'low' | 'high'>,
  margin: number,
): Side | 'either' | null {
  if (high < 1 / (1 + margin)) return 'code';
  if (low > 1 + margin) return 'classic';
  return low >= 1 / (1 + margin) && high <= 1 + margin ? 'either' : null;
}

function decideSampled(comparison: Comparison & { evidence: 'sampled' }, policy: Policy): Decision {
  const picked = pickSides(comparison.variants, policy);
  const usable = Math.min(picked.classic.trials.length, picked.code.trials.length);
  if (usable >= policy.fewest) return judge(findSampled(picked, policy), policy);
  const figures = usable === 0 ? {} : ofSides((side) => figuresOf(picked[side]));
  return { ...withhold({ kind: 'few', usable }), sides: figures, trialsNeeded: policy.fewest };
}

/** A side of which no trial was answered. */
function findLost({ variants }: Exclude<Comparison, { evidence: 'mixed' }>): Because | undefined {
  for (const side of sides) {
    const ends = variants
      .filter(({ pattern }) => pattern === side)
      .flatMap((each) => ('trials' in each ? each.trials.map(({ ended }) => ended) : [each.ended]));
    if (ends.some(isAnswered)) continue;
    const isScenario = ends.includes('scenario');
    return { kind: 'not_measured', side, fault: isScenario ? 'scenario' : 'infrastructure' };
  }
  return undefined;
}

function withhold(because: Because): Decision {
  return { pattern: 'insufficient', because, sides: {}, ratio: null, caveats: [], trialsNeeded: null };
}

function judge(finding: Finding, policy: Policy): Decision {
  const { sides: figures, ratio, under, worse, repeat } = finding;
  const doubts = sides.flatMap((side) => findDoubts(side, finding, policy));
  const told = (doubt: UnplannedDoubt): Doubt => ({
    ...doubt,
    trialsNeeded: planDoubt(doubt, finding, policy),
  });
  const answer = (pattern: Decision['pattern'], because: Because): Decision => ({
    pattern,
    because,
    sides: figures,
    ratio,
    // What speaks against a side matters where that side is recommended.
    caveats:
      pattern === 'neither' || because.kind === 'doubt'
        ? []
        : doubts.filter(({ side }) => pattern !== otherSide(side)).map(told),
    trialsNeeded: null,
  });
  const doubtful = (found: UnplannedDoubt): Decision => {
    const doubt = told(found);
    return { ...answer('insufficient', { kind: 'doubt', ...doubt }), trialsNeeded: doubt.trialsNeeded };
  };
  const barred = sides.filter((side) => under[side] >= policy.sure);
  const below = sides.filter((side) => figures[side].share < policy.floor);
  // One is shown to be under the floor; the other need only have been seen there.
  if (barred.length > 0 && below.length === 2)
    return answer('neither', { kind: 'under_floor', sides: below });
  const [failing] = barred;
  if (failing) {
    // The other does not win by having been a little luckier: it must be likely to be right more often.
    const gap = doubts.find(({ side, about }) => side === failing && about === 'gap');
    return gap && gap.probability < policy.doubt
      ? doubtful(gap)
      : answer(otherSide(failing), { kind: 'under_floor', sides: barred });
  }
  const loser = sides.find((side) => worse[side] >= policy.sure);
  if (loser)
    return answer(otherSide(loser), { kind: 'less_often_right', side: loser, probability: worse[loser] });
  if (!ratio) return answer('insufficient', { kind: 'unpriced' });
  const place = placeRatio(ratio, policy.margin);
  if (place === null) {
    return {
      ...answer('insufficient', { kind: 'crosses_margin' }),
      trialsNeeded: repeat && fewestTrials(figures, (n) => placeRatio(repeat(n), policy.margin) !== null),
    };
  }
  // Likely faults forbid what they concern; so does a floor that was reached on neither side, however few the trials.
  const [forbidding] = doubts
    .filter(({ side }) => place === 'either' || place === side)
    .filter(
      ({ probability, about }) => probability >= policy.doubt || (about === 'floor' && below.length === 2),
    )
    .sort((a, b) => b.probability - a.probability);
  if (forbidding) return doubtful(forbidding);
  return answer(place, place === 'either' ? { kind: 'equivalent' } : { kind: 'cheaper', side: place });
}

type UnplannedDoubt = Omit<Doubt, 'trialsNeeded'>;

/** Faults of correctness of one side that were seen, whether they are shown or not. */
function findDoubts(side: Side, { sides: figures, under, worse }: Finding, policy: Policy): UnplannedDoubt[] {
  const [mine, rival] = [figures[side], figures[otherSide(side)]];
  return [
    ...(mine.share < policy.floor ? [{ about: 'floor' as const, side, probability: under[side] }] : []),
    ...(mine.share < rival.share ? [{ about: 'gap' as const, side, probability: worse[side] }] : []),
  ];
}

/** Trials of each side at which the fault would be shown or refuted, if the shares right stay as they are. */
function planDoubt(
  { about, side }: UnplannedDoubt,
  { sides: figures, repeat }: Finding,
  policy: Policy,
): number | null {
  const belief = ({ share }: SideFigures, trials: number) => posterior(share * trials, trials);
  const [mine, rival] = [figures[side], figures[otherSide(side)]];
  const probability = (trials: number) =>
    about === 'floor'
      ? probabilityBelow(belief(mine, trials), policy.floor)
      : probabilityWorse(belief(mine, trials), belief(rival, trials), policy.gap);
  const isSettled = (p: number) => Math.max(p, 1 - p) >= settledProbability;
  return repeat && fewestTrials(figures, (trials) => isSettled(probability(trials)));
}

/**
 * The first number of trials of each side, in steps of a fifth, at which `decides` holds; null where `mostTrials` are too few.
 * More trials never undecide, so the steps are bisected.
 */
function fewestTrials(
  figures: Record<Side, Pick<SideFigures, 'trials'>>,
  decides: (trials: number) => boolean,
): number | null {
  const steps = [Math.min(figures.classic.trials, figures.code.trials) + 1];
  for (let next = steps[0] as number; next < mostTrials; steps.push(next)) {
    next = Math.min(mostTrials, Math.ceil(next * 1.2));
  }
  let [low, high] = [0, steps.length - 1];
  if (!decides(steps[high] as number)) return null;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (decides(steps[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return steps[low] as number;
}
