import type { LedgerRow } from '../../meter/ledger.ts';
import { reachOf } from '../../meter/token-counter.ts';
import type { Measure } from '../../results/codes.ts';
import type { Result } from '../../results/summary.ts';
import { leavesCachingOut, wholeJob } from './measure.ts';

/**
 * By what share a value may be off for how tokens were counted, either way, at 90 %: the errors of each category of the ledger,
 * weighed by what the category has of the value. What texts of one kind share adds up over the categories as it is; errors of
 * different kinds, and those of each text alone, add up as independent ones do. 0 where a provider counted, or exact counts
 * were used.
 */
export function uncertaintyOf(result: Result, by: Measure): number {
  if (result.provider) return 0;
  const figures = wholeJob(result);
  const kind = leavesCachingOut(figures) ? 'uncached' : 'cached';
  const isPriced = by === 'cost' && figures.ledger.every(({ costUsd }) => costUsd);
  const weigh = (row: LedgerRow) => (isPriced ? (row.costUsd?.[kind] ?? 0) : row.tokens);
  const shares = new Map<string, number>();
  for (const row of figures.ledger) {
    shares.set(row.category, (shares.get(row.category) ?? 0) + weigh(row));
  }
  return combine(result, shares);
}

/** The same of a request that holds each token of the trial once: of its largest one. */
export function requestUncertaintyOf(result: Result): number {
  if (result.provider) return 0;
  return combine(result, new Map((result.counts ?? []).map(({ category, tokens }) => [category, tokens])));
}

function combine({ counts = [] }: Result, shares: ReadonlyMap<string, number>): number {
  const whole = [...shares.values()].reduce((sum, share) => sum + share, 0);
  if (whole === 0) return 0;
  const drift: Record<string, number> = {};
  let variance = 0;
  for (const { category, tokens, drift: own, variance: alone } of counts) {
    if (tokens === 0) continue;
    const weight = (shares.get(category) ?? 0) / whole / tokens;
    for (const [kind, error] of Object.entries(own)) drift[kind] = (drift[kind] ?? 0) + weight * error;
    variance += weight ** 2 * alone;
  }
  return reachOf(drift, variance);
}
