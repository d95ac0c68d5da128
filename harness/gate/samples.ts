import type { Result } from '../run/summary.ts';
import { pointKey } from '../scenario/point.ts';
import type { Samples } from './baseline.ts';

/** What one trial came to, and which repeat it was. */
export type TrialFigures = { repeat: number; result: Result };

/** The figures of each trial by repeat where the evidence is live; nothing where it is exact, or trials were not kept apart. */
export function readSamples(whole: Result, trials: readonly TrialFigures[]): Samples | undefined {
  if (whole.evidence !== 'live') return undefined;
  const own = trials
    .filter(({ result }) => result.variant === whole.variant && pointKey(result) === pointKey(whole))
    .filter(({ result }) => result.evidence === 'live' && result.status !== 'infrastructure_error')
    .sort((a, b) => a.repeat - b.repeat)
    .map(({ result }) => result);
  if (own.length === 0) return undefined;
  return {
    billedTokens: own.map(({ tokens }) => tokens.billed),
    contextTokens: own.map(({ tokens }) => tokens.context),
    roundTrips: own.map(({ roundTrips }) => roundTrips),
    toolCalls: own.map(({ toolCalls }) => toolCalls),
    costCached: own.flatMap(({ costUsd }) => costUsd?.cached ?? []),
    costUncached: own.flatMap(({ costUsd }) => costUsd?.uncached ?? []),
    correct: own.map(({ correct }) => correct ?? 0),
  };
}
