import type { IntervalEstimate, NoEstimate } from './estimate.ts';
import { normalQuantile } from './normal.ts';

/** A share of trials, from 0 to 1. There is an interval as soon as there is one trial. */
export type ShareEstimate = IntervalEstimate | NoEstimate;

/**
 * Share of `correct` among `trials` with the Wilson score interval (Wilson 1927, JASA 22:209):
 *
 *   (p̂ + z²/2n ± z·√(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n)
 *
 * Wilson and not Wald, because p̂ ± z·se has width zero at 0 of n and n of n, which are the usual results
 * here, and not Clopper–Pearson, whose guarantee costs needless width at small n (Brown, Cai & DasGupta 2001,
 * Statistical Science 16:101). Throws a RangeError unless 0 ≤ correct ≤ trials, both whole.
 */
export function estimateShare(correct: number, trials: number, confidence = 0.95): ShareEstimate {
  requireCounts(correct, trials);
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`estimateShare: confidence must be between 0 and 1, got ${confidence}`);
  }
  if (trials === 0) return { status: 'none', reason: 'no_observations', value: null, n: 0 };
  const z = normalQuantile((1 + confidence) / 2);
  const centre = wilsonCentre(correct, trials, z);
  const halfWidth = wilsonHalfWidth(correct / trials, trials, z);
  return {
    status: 'interval',
    value: correct / trials,
    low: centre - halfWidth,
    // With all correct the formula gives 1, and only rounding says otherwise; with none its 0 is exact.
    high: correct === trials ? 1 : centre + halfWidth,
    confidence,
    n: trials,
  };
}

/**
 * Middle of the Wilson interval, (c + z²/2)/(n + z²): the share drawn towards one half as far as n is small.
 */
export function wilsonCentre(correct: number, trials: number, z: number): number {
  return (correct + (z * z) / 2) / (trials + z * z);
}

/** Half the width of the Wilson interval, z·√(n·p(1 − p) + z²/4)/(n + z²), for an observed share `share`. */
export function wilsonHalfWidth(share: number, trials: number, z: number): number {
  return (z * Math.sqrt(trials * share * (1 - share) + (z * z) / 4)) / (trials + z * z);
}

function requireCounts(correct: number, trials: number): void {
  const whole = Number.isSafeInteger(correct) && Number.isSafeInteger(trials);
  if (!whole || correct < 0 || correct > trials) {
    throw new RangeError(
      `estimateShare: needs whole counts with 0 ≤ correct ≤ trials, got ${correct} of ${trials}`,
    );
  }
}
