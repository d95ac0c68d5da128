import type { Result } from '../run/summary.ts';
import { pointKey } from '../scenario/point.ts';
import { mean } from '../stats/belief.ts';
import { type AmountName, type BaselineVariant, isSampled } from './baseline.ts';

/** What one trial came to, and which repeat it was. */
export type TrialFigures = { repeat: number; result: Result };

/** How much each amount varied from trial to trial; undefined where the evidence is exact or one trial was measured. */
export function readNoise(whole: Result, trials: readonly TrialFigures[]): BaselineVariant['noise'] {
  if (!isSampled(whole)) return undefined;
  const own = trials
    .map(({ result }) => result)
    .filter((result) => result.variant === whole.variant && pointKey(result) === pointKey(whole))
    .filter((result) => result.evidence === whole.evidence && result.status !== 'infrastructure_error');
  if (own.length < 2) return undefined;
  const costs = own.flatMap(({ costUsd }) => costUsd ?? []);
  const noise: Record<AmountName, number | undefined> = {
    billedTokens: noiseOf(own.map(({ tokens }) => tokens.billed)),
    contextTokens: noiseOf(own.map(({ tokens }) => tokens.context)),
    roundTrips: noiseOf(own.map(({ roundTrips }) => roundTrips)),
    toolCalls: noiseOf(own.map(({ toolCalls }) => toolCalls)),
    costCached: costs.length === own.length ? noiseOf(costs.map(({ cached }) => cached)) : undefined,
    costUncached: costs.length === own.length ? noiseOf(costs.map(({ uncached }) => uncached)) : undefined,
  };
  return Object.fromEntries(Object.entries(noise).filter(([, value]) => value !== undefined));
}

/** Standard deviation over mean of two values or more, to six decimals; 0 where all are 0. */
export function noiseOf(values: readonly number[]): number {
  const centre = mean(values);
  if (centre === 0) return 0;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.round((Math.sqrt(squares / (values.length - 1)) / centre) * 1e6) / 1e6;
}
