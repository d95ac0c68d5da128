import { normalQuantile } from './normal.ts';
import { estimateShare, wilsonCentre } from './share.ts';

/** Is the share of correct trials known to ± `halfWidth` (0 to ½)? */
export interface ShareQuestion {
  readonly correct: number;
  readonly trials: number;
  readonly halfWidth: number;
  readonly confidence?: number;
}

/** `needed` counts trials in all, not in addition. */
export type Sufficiency =
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
