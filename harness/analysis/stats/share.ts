import type { Estimate, SelfComparison } from '../../results/statistics.ts';

/** A share of trials, from 0 to 1. There is an interval as soon as there is one trial. */
type ShareEstimate = Extract<Estimate, { status: 'interval' | 'none' }>;

const confidence = 0.95;
/** Standard errors on either side that hold 95 % of a normal distribution. */
const z = 1.959963984540054;

/**
 * Share of `correct` among `trials` with the Wilson score interval at 95 % (Wilson 1927, JASA 22:209):
 *
 *   (p̂ + z²/2n ± z·√(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n)
 *
 * Wilson and not Wald, because p̂ ± z·se has width zero at 0 of n and n of n, which are the usual results
 * here, and not Clopper–Pearson, whose guarantee costs needless width at small n (Brown, Cai & DasGupta 2001,
 * Statistical Science 16:101).
 */
export function estimateShare(correct: number, trials: number): ShareEstimate {
  if (trials === 0) return { status: 'none', reason: 'no_observations', value: null, n: 0 };
  const centre = wilsonCentre(correct, trials);
  const halfWidth = wilsonHalfWidth(correct / trials, trials);
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

/** Middle of the Wilson interval, (c + z²/2)/(n + z²): the share drawn towards one half as far as n is small. */
function wilsonCentre(correct: number, trials: number): number {
  return (correct + (z * z) / 2) / (trials + z * z);
}

/** Half the width of the Wilson interval, z·√(n·p(1 − p) + z²/4)/(n + z²), for an observed share `share`. */
export function wilsonHalfWidth(share: number, trials: number): number {
  return (z * Math.sqrt(trials * share * (1 - share) + (z * z) / 4)) / (trials + z * z);
}

/**
 * pass@k, the chance that at least one of k trials is correct, estimated from `correct` of `trials`, k of them at most:
 * 1 − C(n − c, k)/C(n, k), unbiased (Chen et al. 2021, arXiv 2107.03374).
 */
export function passAtK(correct: number, trials: number, k: number): number {
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
 * pass^k, the chance that all of k trials are correct, estimated from `correct` of `trials`, k of them at most:
 * C(c, k)/C(n, k) = Π (c − i)/(n − i), unbiased (Yao et al. 2024, arXiv 2406.12045).
 */
export function passHatK(correct: number, trials: number, k: number): number {
  if (k > correct) return 0;
  // C(c, k)/C(n, k) = C(n − k, w)/C(n, w) with w = n − c wrong trials: again the shorter product.
  const wrong = trials - correct;
  const factors = Math.min(wrong, k);
  const taken = Math.max(wrong, k);
  let share = 1;
  for (let i = 0; i < factors; i++) share *= (trials - i - taken) / (trials - i);
  return share;
}

/**
 * Trials in all that would be about enough to know the share of correct ones to ± `halfWidth`; null where those at hand are: half
 * their Wilson interval's width is at most that. It is planned with the middle of that interval, because an observed 3 of 3 is no
 * reason to plan for a share of 1.
 */
export function trialsNeeded(correct: number, trials: number, halfWidth: number): number | null {
  const share = estimateShare(correct, trials);
  if (share.status === 'interval' && (share.high - share.low) / 2 <= halfWidth) return null;
  return trialsForShare(wilsonCentre(correct, trials), halfWidth);
}

/**
 * Trials after which the Wilson interval reaches at most `halfWidth` (above 0, to ½) to either side, if the share
 * then observed is `share`. The width equation is quadratic in n, and its root is
 *
 *   n = z²·(pq − 2d² + √(p²q² − 4pq·d² + d²)) / 2d²
 *
 * with q = 1 − p and d the half-width (Piegorsch 2004, Computational Statistics & Data Analysis 46:309).
 */
export function trialsForShare(share: number, halfWidth: number): number {
  const pq = share * (1 - share);
  const d2 = halfWidth * halfWidth;
  const root = (z * z * (pq - 2 * d2 + Math.sqrt(pq * pq - 4 * pq * d2 + d2))) / (2 * d2);
  // A root that is a whole number must not be pushed to the next by its last digit.
  return Math.max(1, Math.ceil(root * (1 - 1e-12)));
}

/**
 * False alarm rate of an A/A run: claimed differences among all comparisons, none of which is real. The
 * comparisons must not share trials, for the interval takes them to be independent. A low rate with many `undecided` shows no care,
 * only too few trials.
 */
export function falseAlarmRate(
  comparisons: readonly { readonly decision: 'equivalent' | 'lower' | 'higher' | 'insufficient' }[],
): SelfComparison['falseAlarms'] {
  const count = (...decisions: string[]) =>
    comparisons.filter(({ decision }) => decisions.includes(decision)).length;
  const claimed = count('lower', 'higher');
  return {
    rate: estimateShare(claimed, comparisons.length),
    claimed,
    undecided: count('insufficient'),
    comparisons: comparisons.length,
  };
}
