import type { Estimate } from '../../results/statistics.ts';
import { normalQuantile } from './normal.ts';

/** A share of trials, from 0 to 1. There is an interval as soon as there is one trial. */
type ShareEstimate = Extract<Estimate, { status: 'interval' | 'none' }>;

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
function wilsonCentre(correct: number, trials: number, z: number): number {
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

/**
 * pass@k, the chance that at least one of k trials is correct, estimated from `correct` of `trials`:
 * 1 − C(n − c, k)/C(n, k), unbiased (Chen et al. 2021, arXiv 2107.03374). Null when k exceeds the trials, for
 * then no unbiased estimate exists.
 */
export function passAtK(correct: number, trials: number, k: number): number | null {
  requireWhole('passAtK', correct, trials, k);
  if (k > trials) return null;
  if (k > trials - correct) return 1;
  // C(n − c, k)/C(n, k) = Π (1 − c/(n − i)), and the same with c and k exchanged: the shorter product is
  // taken. In logarithms, because 1 − Π loses its digits when the result is near zero.
  const factors = Math.min(correct, k);
  const taken = Math.max(correct, k);
  let logNone = 0;
  for (let i = 0; i < factors; i++) logNone += Math.log1p(-taken / (trials - i));
  return logNone === 0 ? 0 : -Math.expm1(logNone);
}

/**
 * pass^k, the chance that all of k trials are correct, estimated from `correct` of `trials`:
 * C(c, k)/C(n, k) = Π (c − i)/(n − i), unbiased (Yao et al. 2024, arXiv 2406.12045). Null when k exceeds the
 * trials.
 */
export function passHatK(correct: number, trials: number, k: number): number | null {
  requireWhole('passHatK', correct, trials, k);
  if (k > trials) return null;
  if (k > correct) return 0;
  // C(c, k)/C(n, k) = C(n − k, w)/C(n, w) with w = n − c wrong trials: again the shorter product.
  const wrong = trials - correct;
  const factors = Math.min(wrong, k);
  const taken = Math.max(wrong, k);
  let share = 1;
  for (let i = 0; i < factors; i++) share *= (trials - i - taken) / (trials - i);
  return share;
}

function requireWhole(name: string, correct: number, trials: number, k: number): void {
  const whole = [correct, trials, k].every((count) => Number.isSafeInteger(count));
  if (!whole || correct < 0 || correct > trials || k < 1) {
    throw new RangeError(
      `${name}: needs whole numbers with 0 ≤ correct ≤ trials and k ≥ 1, got ${correct} of ${trials}, k = ${k}`,
    );
  }
}

/** Is the share of correct trials known to ± `halfWidth` (0 to ½)? */
interface ShareQuestion {
  readonly correct: number;
  readonly trials: number;
  readonly halfWidth: number;
  readonly confidence?: number;
}

/** `needed` counts trials in all, not in addition. */
type Sufficiency =
  | { readonly status: 'enough'; readonly have: number }
  | { readonly status: 'insufficient'; readonly have: number; readonly needed: number };

/**
 * Says whether the trials at hand suffice for the asked precision, and if not, about how many would.
 *
 * It suffices when half its Wilson interval's width is at most the margin. The number needed is planned with the middle of
 * that interval, because an observed 3 of 3 is no reason to plan for a share of 1.
 */
export function enough(question: ShareQuestion): Sufficiency {
  const { correct, trials, halfWidth, confidence = 0.95 } = question;
  const share = estimateShare(correct, trials, confidence);
  const z = normalQuantile((1 + confidence) / 2);
  const needed = trialsForShare(wilsonCentre(correct, trials, z), halfWidth, confidence);
  if (share.status === 'interval' && (share.high - share.low) / 2 <= halfWidth) {
    return { status: 'enough', have: trials };
  }
  return { status: 'insufficient', have: trials, needed };
}

/**
 * Trials after which the Wilson interval reaches at most `halfWidth` (0 to ½) to either side, if the share
 * then observed is `share`. The width equation is quadratic in n, and its root is
 *
 *   n = z²·(pq − 2d² + √(p²q² − 4pq·d² + d²)) / 2d²
 *
 * with q = 1 − p and d the half-width (Piegorsch 2004, Computational Statistics & Data Analysis 46:309).
 */
export function trialsForShare(share: number, halfWidth: number, confidence = 0.95): number {
  requireBetween('share', share, 0, 1, true);
  requireBetween('halfWidth', halfWidth, 0, 0.5);
  requireBetween('confidence', confidence, 0, 1);
  const z = normalQuantile((1 + confidence) / 2);
  const pq = share * (1 - share);
  const d2 = halfWidth * halfWidth;
  const root = (z * z * (pq - 2 * d2 + Math.sqrt(pq * pq - 4 * pq * d2 + d2))) / (2 * d2);
  // A root that is a whole number must not be pushed to the next by its last digit.
  return Math.max(1, Math.ceil(root * (1 - 1e-12)));
}

function requireBetween(name: string, value: number, low: number, high: number, ends = false): void {
  const inside = ends ? value >= low && value <= high && Number.isFinite(value) : value > low && value < high;
  if (!inside) throw new RangeError(`sample size: ${name} must be between ${low} and ${high}, got ${value}`);
}

/** What comparing a variant with itself gave. */
interface FalseAlarms {
  /** Share of all comparisons that claimed a difference, with its Wilson interval. */
  readonly rate: ShareEstimate;
  readonly claimed: number;
  /** Comparisons that decided nothing. A low rate with many of these shows no care, only too few trials. */
  readonly undecided: number;
  readonly comparisons: number;
}

/**
 * False alarm rate of an A/A run: claimed differences among all comparisons, none of which is real. The
 * comparisons must not share trials, for the interval takes them to be independent.
 */
export function falseAlarmRate(
  comparisons: readonly { readonly decision: 'equivalent' | 'lower' | 'higher' | 'insufficient' }[],
  confidence = 0.95,
): FalseAlarms {
  const count = (...decisions: string[]) =>
    comparisons.filter(({ decision }) => decisions.includes(decision)).length;
  const claimed = count('lower', 'higher');
  return {
    rate: estimateShare(claimed, comparisons.length, confidence),
    claimed,
    undecided: count('insufficient'),
    comparisons: comparisons.length,
  };
}
