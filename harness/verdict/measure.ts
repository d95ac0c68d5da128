import { priceTierFor } from '../meter/cost.ts';
import type { LatencyProfile } from '../meter/latency.ts';
import type { LedgerRow } from '../meter/ledger.ts';
import type { ModelEntry } from '../model/catalogue.ts';
import type { Result } from '../run/summary.ts';
import type { Measure } from './verdict-schema.ts';

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

/** What one token, and one round trip besides its tokens, weighs in a measure. */
export type Weights = {
  unit: 'USD' | 'tokens' | 'seconds';
  fresh: number;
  write: number;
  read: number;
  output: number;
  roundTrip: number;
};

/**
 * Cost: USD per token of the tier that a prompt of `contextTokens` falls in. Tokens: all alike. Latency: seconds per token
 * and the overhead per round trip of the profile. Undefined where the model has no known price.
 */
export function weightsOf(
  measure: Measure,
  model: ModelEntry,
  profile: LatencyProfile,
  contextTokens: number,
): Weights | undefined {
  switch (measure) {
    case 'tokens':
      return { unit: 'tokens', fresh: 1, write: 1, read: 1, output: 1, roundTrip: 0 };
    case 'latency':
      return {
        unit: 'seconds',
        fresh: 1 / profile.prefillRate,
        write: 1 / profile.prefillRate,
        read: 1 / profile.cachedPrefillRate,
        output: 1 / profile.decodeRate,
        roundTrip: profile.overheadSeconds,
      };
    case 'cost': {
      const price = priceTierFor(model, contextTokens);
      if (!price) return undefined;
      const perToken = (usdPerMillion: number) => usdPerMillion / 1_000_000;
      return {
        unit: 'USD',
        fresh: perToken(price.input),
        write: perToken(price.cacheWrite5m),
        read: perToken(price.cacheRead),
        output: perToken(price.output),
        roundTrip: 0,
      };
    }
  }
}

/** USD with caching, billed tokens, or modelled seconds; null where there is no price. */
export function totalOf(figures: Pick<Figures, 'tokens' | 'costUsd' | 'latencyMs'>, measure: Measure) {
  if (measure === 'tokens') return figures.tokens.billed;
  if (measure === 'latency') return figures.latencyMs.modelled / 1000;
  return figures.costUsd?.cached ?? null;
}

/** What the rows of a ledger that `has` picks weigh together. */
export function weigh(
  ledger: readonly LedgerRow[],
  weights: Weights,
  has: (row: LedgerRow) => boolean = () => true,
): number {
  const perToken = (row: LedgerRow) => {
    if (row.direction === 'output') return weights.output;
    return { fresh: weights.fresh, cache_write: weights.write, cache_read: weights.read }[row.cache];
  };
  return ledger.reduce((sum, row) => sum + (has(row) ? row.tokens * perToken(row) : 0), 0);
}
