import type { LatencyProfile } from '../../meter/latency.ts';
import type { LedgerRow } from '../../meter/ledger.ts';
import type { Result } from '../../results/summary.ts';
import type { Measure } from '../../results/verdict.ts';

/** What a verdict weighs: a result's figures, or those it would have had without a context window. */
export type Figures = Pick<
  Result,
  'roundTrips' | 'toolCalls' | 'tokens' | 'ledger' | 'costUsd' | 'latencyMs'
> & { hypothetical: boolean };

/** The whole job's figures: of a trial that did not fit its window, the hypothetical ones. */
export function wholeJob(result: Result): Figures {
  const { hypothetical } = result;
  return hypothetical ? { ...hypothetical, hypothetical: true } : { ...result, hypothetical: false };
}

/**
 * USD, billed tokens, or modelled seconds; null where there is no price. A client may leave caching out, so that a trial costs
 * what the cheaper of its two bills says.
 */
export function totalOf(figures: Pick<Figures, 'tokens' | 'costUsd' | 'latencyMs'>, measure: Measure) {
  if (measure === 'tokens') return figures.tokens.billed;
  if (measure === 'latency') return figures.latencyMs.modelled / 1000;
  return cheaperCost(figures.costUsd);
}

/** What a client pays that leaves caching out where that is cheaper. */
export function cheaperCost(costUsd: { cached: number; uncached: number } | null): number | null {
  return costUsd && Math.min(costUsd.cached, costUsd.uncached);
}

/** Whether the cheaper of the two bills is the one without caching. */
export function leavesCachingOut({ costUsd }: Pick<Figures, 'costUsd'>): boolean {
  return costUsd !== null && costUsd.uncached < costUsd.cached;
}

/** The largest request, window or not; what fits is as large in the end as its context, in which each token is counted once. */
export function largestRequestOf(result: Result): number {
  const now = result.otherwise?.sizes.find(({ factor }) => factor === 1)?.results.largestRequest;
  return result.overflow?.inputTokens ?? now ?? result.tokens.context;
}

export const units = { cost: 'USD', tokens: 'tokens', latency: 'seconds' } as const;

/** What the rows of a ledger that `has` picks come to in a measure, without the overhead of round trips. */
export function weigh(
  figures: Figures,
  measure: Measure,
  profile: LatencyProfile,
  has: (row: LedgerRow) => boolean,
): number {
  const kind = leavesCachingOut(figures) ? 'uncached' : 'cached';
  const of = (row: LedgerRow) => {
    if (measure === 'tokens') return row.tokens;
    if (measure === 'cost') return row.costUsd?.[kind] ?? 0;
    if (row.direction === 'output') return row.tokens / profile.decodeRate;
    return row.tokens / (row.cache === 'cache_read' ? profile.cachedPrefillRate : profile.prefillRate);
  };
  return figures.ledger.reduce((sum, row) => sum + (has(row) ? of(row) : 0), 0);
}
