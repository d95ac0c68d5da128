import { normalQuantile } from './normal.ts';

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

/** What is known, and asked, about a ratio of means. */
export interface RatioPlan {
  /** The ratio expected, above 0. */
  readonly ratio: number;
  /** Standard deviation, over pairs, of the influence on the logarithm of the ratio. */
  readonly spread: number;
  /** Ratios from 1/(1 + margin) to 1 + margin count as no difference. */
  readonly margin: number;
  /** Error rate of a decision; 0.05 unless told otherwise. */
  readonly alpha?: number;
  /** Chance of reaching the decision that is true; 0.8 unless told otherwise. */
  readonly power?: number;
}

/**
 * Pairs needed to decide whether a ratio of means lies within its margin or outside, by the normal
 * approximation on the logarithm (Chow, Shao & Wang 2008, Sample Size Calculations in Clinical Research,
 * §3.1), with θ the log-ratio, δ = ln(1 + margin) and σ the spread:
 *
 *   |θ| < δ, equivalence:      n = (z(1 − α) + z(1 − β/2))²·σ² / (δ − |θ|)²
 *   |θ| > δ, a difference:     n = (z(1 − α) + z(1 − β))²·σ² / (|θ| − δ)²
 *
 * Null when no number would do: the expected ratio is the margin itself, or the count is beyond a safe
 * integer. An order of magnitude, not a promise: both inputs are themselves estimates.
 */
export function pairsForRatio(plan: RatioPlan): number | null {
  const { ratio, spread, margin, alpha = 0.05, power = 0.8 } = plan;
  requireBetween('ratio', ratio, 0, Infinity);
  requireBetween('spread', spread, 0, Infinity, true);
  requireBetween('margin', margin, 0, Infinity);
  requireBetween('alpha', alpha, 0, 0.5);
  requireBetween('power', power, 0, 1);
  const distance = Math.log1p(margin) - Math.abs(Math.log(ratio));
  const beta = 1 - power;
  const z = normalQuantile(1 - alpha) + normalQuantile(1 - (distance > 0 ? beta / 2 : beta));
  const pairs = Math.ceil(((z * spread) / distance) ** 2);
  return Number.isSafeInteger(pairs) ? Math.max(2, pairs) : null;
}

function requireBetween(name: string, value: number, low: number, high: number, ends = false): void {
  const inside = ends ? value >= low && value <= high && Number.isFinite(value) : value > low && value < high;
  if (!inside) throw new RangeError(`sample size: ${name} must be between ${low} and ${high}, got ${value}`);
}
