import { type ComparisonOptions, compareMeans } from './equivalence.ts';
import { normalQuantile } from './normal.ts';
import type { Pair } from './pair.ts';
import { trialsForShare } from './sample-size.ts';
import { estimateShare, wilsonCentre } from './share.ts';

/** A question that the trials at hand either can or cannot answer. */
export type Question =
  | {
      /** Is the share of correct trials known to ± `halfWidth` (0 to ½)? */
      readonly of: 'share';
      readonly correct: number;
      readonly trials: number;
      readonly halfWidth: number;
      readonly confidence?: number;
    }
  | ({
      /** Is the ratio of means known to lie within its margin, or known to lie outside? */
      readonly of: 'ratio';
      readonly pairs: readonly Pair<number>[];
    } & ComparisonOptions);

/** `needed` counts trials or pairs in all, not in addition; null when the data give no idea. */
export type Sufficiency =
  | { readonly status: 'enough'; readonly have: number }
  | { readonly status: 'insufficient'; readonly have: number; readonly needed: number | null };

/**
 * Says whether the trials at hand suffice for the asked precision, and if not, about how many would.
 *
 * A share suffices when half its Wilson interval's width is at most the margin; the number needed is planned
 * with the middle of that interval, because an observed 3 of 3 is no reason to plan for a share of 1. A ratio
 * suffices when `compareMeans` decides; the number needed is that of `pairsForRatio`.
 */
export function enough(question: Question): Sufficiency {
  return question.of === 'share' ? enoughForShare(question) : enoughForRatio(question);
}

function enoughForShare(question: Question & { of: 'share' }): Sufficiency {
  const { correct, trials, halfWidth, confidence = 0.95 } = question;
  const share = estimateShare(correct, trials, confidence);
  const z = normalQuantile((1 + confidence) / 2);
  const needed = trialsForShare(wilsonCentre(correct, trials, z), halfWidth, confidence);
  if (share.status === 'interval' && (share.high - share.low) / 2 <= halfWidth) {
    return { status: 'enough', have: trials };
  }
  return { status: 'insufficient', have: trials, needed };
}

function enoughForRatio(question: Question & { of: 'ratio' }): Sufficiency {
  const comparison = compareMeans(question.pairs, question);
  const have = question.pairs.length;
  if (comparison.decision !== 'insufficient') return { status: 'enough', have };
  return { status: 'insufficient', have, needed: comparison.pairsNeeded };
}
