import { estimateShare, type ShareEstimate } from './share.ts';

/** What comparing a variant with itself gave. */
export interface FalseAlarms {
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
