import { normalQuantile } from './normal.ts';
import { trialsForShare } from './sample-size.ts';
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
