/**
 * Decides whether a variant's mean differs from the reference variant's by more than a declared margin.
 *
 * The bootstrap interval of the ratio of means at confidence 1 − 2α is set against the margin. That is two
 * one-sided tests at level α (Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15:657). The interval
 * rather than the t-test on log-ratios, because that test speaks of the geometric mean of the ratios, cannot
 * take a zero, and would let the decision contradict the interval printed beside it.
 */
import { bootstrapRatio, logRatioInfluences } from './bootstrap.ts';
import type { Estimate } from './estimate.ts';
import type { Pair } from './pair.ts';
import { pairsForRatio } from './sample-size.ts';
import { sampleSd } from './summary.ts';

/** Where an interval lies: all inside the margin, all outside on one side, or across one of its ends. */
export type Placement = 'equivalent' | 'lower' | 'higher' | 'insufficient';

/** A comparison's decision; `ratio` is variant to reference, at confidence 1 − 2α. */
export type Comparison =
  | { readonly decision: 'equivalent'; readonly margin: number; readonly ratio: Estimate }
  | {
      readonly decision: 'different';
      /** `lower`: the variant's mean is below the reference's by more than the margin. */
      readonly direction: 'lower' | 'higher';
      readonly margin: number;
      readonly ratio: Estimate;
    }
  | {
      readonly decision: 'insufficient';
      /** `no_interval`: the ratio says why. `crosses_margin`: both answers remain possible. */
      readonly reason: 'no_interval' | 'crosses_margin';
      /** Pairs in all at which a decision can be expected; null when the data give no idea. */
      readonly pairsNeeded: number | null;
      readonly margin: number;
      readonly ratio: Estimate;
    };

/**
 * Settings of a comparison; `margin` 0.1 declares ratios from 1/1.1 to 1.1 to be no difference that matters.
 */
export interface ComparisonOptions {
  readonly margin: number;
  readonly seed: number;
  /** Error rate of each decision, below 0.25; 0.05 unless told otherwise. */
  readonly alpha?: number;
  /** Chance of a decision that `pairsNeeded` aims at; 0.8 unless told otherwise. */
  readonly power?: number;
  readonly resamples?: number;
}

/**
 * Compares the means of paired values (finite, from 0) and decides `equivalent`, `different` or
 * `insufficient`. A difference must exceed the margin as a whole: significant but immaterial is `equivalent`.
 */
export function compareMeans(pairs: readonly Pair<number>[], options: ComparisonOptions): Comparison {
  const { margin, seed, alpha = 0.05, power = 0.8, resamples } = options;
  requireMargin(margin);
  const variant = pairs.map((pair) => pair.variant);
  const reference = pairs.map((pair) => pair.reference);
  const sampling = { seed, confidence: 1 - 2 * alpha, ...(resamples === undefined ? {} : { resamples }) };
  const ratio = bootstrapRatio(variant, reference, sampling);
  const bounds = boundsOf(ratio);
  const placement = bounds === null ? 'insufficient' : placeInterval(bounds.low, bounds.high, margin);
  if (placement === 'equivalent') return { decision: 'equivalent', margin, ratio };
  if (placement !== 'insufficient') return { decision: 'different', direction: placement, margin, ratio };
  const reason = bounds === null ? 'no_interval' : 'crosses_margin';
  const pairsNeeded = planPairs(variant, reference, ratio, { margin, alpha, power });
  return { decision: 'insufficient', reason, pairsNeeded, margin, ratio };
}

/**
 * Places an interval of ratios against the margin [1/(1 + margin), 1 + margin], which is as wide down as up
 * on the scale of ratios. A value that was computed and not sampled is its own interval: pass it twice.
 */
export function placeInterval(low: number, high: number, margin: number): Placement {
  requireMargin(margin);
  if (!(low <= high)) throw new RangeError(`placeInterval: low must not exceed high, got ${low} and ${high}`);
  const ceiling = 1 + margin;
  if (low > ceiling) return 'higher';
  if (high < 1 / ceiling) return 'lower';
  return low >= 1 / ceiling && high <= ceiling ? 'equivalent' : 'insufficient';
}

function requireMargin(margin: number): void {
  if (!(margin > 0 && Number.isFinite(margin))) {
    throw new RangeError(`comparison: the margin must be a finite number above 0, got ${margin}`);
  }
}

function boundsOf(ratio: Estimate): { low: number; high: number } | null {
  if (ratio.status === 'interval') return ratio;
  return ratio.status === 'lower_bound' ? { low: ratio.low, high: Infinity } : null;
}

function planPairs(
  variant: readonly number[],
  reference: readonly number[],
  ratio: Estimate,
  plan: { margin: number; alpha: number; power: number },
): number | null {
  if (ratio.value === null || ratio.value === 0 || ratio.n < 2) return null;
  if (ratio.status === 'point' && ratio.reason === 'no_variation') return null;
  const spread = sampleSd(logRatioInfluences(variant, reference));
  const pairs = pairsForRatio({ ratio: ratio.value, spread, ...plan });
  if (pairs === null) return null;
  // The formula may fall short of what the interval just showed; at least what is missing is asked for.
  return Math.max(pairs, ratio.status === 'point' ? ratio.needed : ratio.n + 1);
}
