import type { TrialResult } from './aggregate.ts';
import { type ComparisonSettings, compareVariants } from './compare-variants.ts';
import type { Verdict } from './summary.ts';

/** At most this chance that equal variants would differ as much in correctness as was seen. */
const alpha = 0.05;

/**
 * A verdict on trials that vary, live ones for instance, stands only where the pairs of trials carry it; else it becomes
 * `insufficient` and says how many would be needed. `groups` are the trials of each variant.
 */
export function withholdWeak(
  verdict: Verdict,
  groups: ReadonlyMap<string, readonly TrialResult[]>,
  settings: ComparisonSettings,
): Verdict {
  const { variants } = verdict;
  if (!variants || verdict.pattern === 'insufficient' || verdict.pattern === 'neither') return verdict;
  const classic = groups.get(variants.classic) ?? [];
  const code = groups.get(variants.code) ?? [];
  const insufficient = (why: string, needed?: number | null): Verdict => {
    const { costRatio: _, ...rest } = verdict;
    const more = needed ? ` About ${needed} trials of each would be needed.` : '';
    return {
      ...rest,
      pattern: 'insufficient',
      reason: `${why}${more} What it looks like so far: ${verdict.reason}`,
    };
  };
  const evidence = new Set([...classic, ...code].map(({ result }) => result.evidence));
  if (evidence.size > 1) {
    return insufficient(
      'Some trials were live and some replayed, and the two are not compared. Replay all of them with --cassettes strict.',
    );
  }
  const comparison = compareVariants(classic, code, settings);
  if (!comparison) return insufficient('No repeat was measured in both patterns.');
  if (comparison.basis === 'computed') return verdict;
  const { onlyReference, onlyVariant, p } = comparison.correct;
  const differ = onlyReference !== onlyVariant;
  if (differ && (p === null || p > alpha)) {
    return insufficient(
      `${comparison.pairs} ${comparison.pairs === 1 ? 'pair of trials does' : 'pairs of trials do'} not show that one is right more often (${onlyReference} only in ${variants.classic}, ${onlyVariant} only in ${variants.code}).`,
    );
  }
  if (differ) return verdict;
  const cost = comparison.costUsd ?? comparison.billedTokens;
  if (cost.decision === 'insufficient') {
    const why =
      cost.reason === 'no_interval'
        ? `${comparison.pairs} ${comparison.pairs === 1 ? 'pair of trials is' : 'pairs of trials are'} too few, or too alike, for an interval of the cost ratio.`
        : `The interval of the cost ratio over ${comparison.pairs} paired trials crosses the margin of ${Math.round(settings.margin * 100)} %.`;
    const fewest =
      cost.ratio.status === 'point' && cost.ratio.reason === 'too_few' ? cost.ratio.needed : null;
    return insufficient(why, cost.pairsNeeded ?? fewest);
  }
  if (cost.decision === 'equivalent' && verdict.pattern !== 'either') {
    return {
      ...verdict,
      pattern: 'either',
      reason: `Either: the costs of ${variants.classic} and ${variants.code} differ by less than the margin of ${Math.round(settings.margin * 100)} % over ${comparison.pairs} paired trials.`,
    };
  }
  return verdict;
}
