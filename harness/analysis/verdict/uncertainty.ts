import type { LedgerRow } from '../../meter/ledger.ts';
import type { Result } from '../../results/summary.ts';
import type { Measure } from '../../results/verdict.ts';
import { leavesCachingOut, wholeJob } from './measure.ts';

/**
 * By what share a value may be off for how tokens were counted, either way, at 90 %: half the range of each category of the ledger,
 * weighed by what the category has of the value. Categories hold texts of different kinds, so their errors add up as
 * independent ones do. 0 where a provider counted, or exact counts were used.
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
  const squares = counts.map(({ category, tokens, low, high }) => {
    const off = tokens === 0 ? 0 : (high - low) / 2 / tokens;
    return (((shares.get(category) ?? 0) / whole) * off) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}
