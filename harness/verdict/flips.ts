import type { LatencyProfile } from '../meter/latency.ts';
import type { ModelEntry } from '../model/catalogue.ts';
import type { Result } from '../run/summary.ts';
import { placeRatio } from './decide.ts';
import { affordableFailures, costOfFailedProgram } from './failed-programs.ts';
import { type Figures, totalOf, type Weights, weigh } from './measure.ts';
import type { Measure, Verdict } from './verdict-schema.ts';

export type Flips = NonNullable<Verdict['flips']>;

/** One side of a comparison: the result that stands for a pattern, its whole job, its value and weights. */
export type Side = { result: Result; figures: Figures; value: number; weights: Weights };

export type FlipInput = {
  classic: Side;
  code: Side;
  measure: Measure;
  model: ModelEntry;
  profile: LatencyProfile;
  uncertainty: number;
  margin: number;
};

/** What a ratio of code to classic that is known to a relative `uncertainty` recommends: the verdict's own rule. */
export function recommend(
  ratio: number,
  { uncertainty, margin }: { uncertainty: number; margin: number },
): 'classic' | 'code' | 'either' | 'insufficient' {
  const spread = 1 + uncertainty;
  return placeRatio({ low: ratio / spread, high: ratio * spread }, margin) ?? 'insufficient';
}

/** The circumstances under which the recommendation would be another one. */
export function findFlips(input: FlipInput): Flips {
  const { classic, code, measure } = input;
  const at = (classicValue: number, codeValue: number) => {
    const ratio = codeValue / classicValue;
    return { pattern: recommend(ratio, input), ratio: Number(ratio.toPrecision(3)) };
  };
  const uncached =
    measure === 'cost' && classic.figures.costUsd && code.figures.costUsd
      ? { uncached: at(classic.figures.costUsd.uncached, code.figures.costUsd.uncached) }
      : {};
  const warm = [classic, code].map((side) => side.value - warmSaving(side, input.model)) as [number, number];
  const others = [classic, code].map(({ result }) => result.otherTokenizer);
  const [otherClassic, otherCode] = others.map((other) => other && totalOf(other, measure));
  return {
    ...uncached,
    ...(measure !== 'tokens' && { warmPrefix: at(...warm) }),
    ...(otherClassic && otherCode && others[0]
      ? { otherTokenizer: { method: others[0].method, ...at(otherClassic, otherCode) } }
      : {}),
    ...turningResultSize(classic, code),
    overheadSeconds: turningOverhead(classic.figures, code.figures, input.profile),
    ...(code.result.programs > 0 && { failedPrograms: failures(classic, code) }),
  };
}

/**
 * What a trial saves when an earlier one left tools and system prompt in the cache: prefix·(write − read). Nothing where the
 * prefix is too short to be cached, or the variant caches nothing.
 */
export function warmSaving({ result, weights }: Pick<Side, 'result' | 'weights'>, model: ModelEntry): number {
  // The prefix is estimated; where a provider counted, no more of it can be saved than the provider wrote.
  const prefix = Math.min(result.prefixTokens ?? 0, result.tokens.cacheWrite);
  const isCached = prefix >= model.minCachePrefix && result.tokens.cacheWrite > 0;
  return isCached ? prefix * (weights.write - weights.read) : 0;
}

/**
 * The bytes per result at which both weigh the same. What classic takes is base + payload·(bytes/now), what code takes does
 * not depend on the size of results: bytes = now·(code − base)/payload.
 */
function turningResultSize(classic: Side, code: Side): Pick<Flips, 'bytesPerResult'> {
  const { toolCalls } = classic.figures;
  const bytes = classic.result.resultBytes;
  const payload = weigh(classic.figures.ledger, classic.weights, (row) => row.category === 'tool_results');
  if (bytes === undefined || toolCalls === 0 || payload === 0) return {};
  const now = bytes / toolCalls;
  const base = classic.value - payload;
  const at = (now * (code.value - base)) / payload;
  return { bytesPerResult: { now: Math.round(now), at: at > 0 ? Math.round(at) : null } };
}

/**
 * The model overhead per round trip, in seconds, at which both take equally long. Time is rest + roundTrips·overhead, so
 * overhead = (rest(code) − rest(classic)) / (roundTrips(classic) − roundTrips(code)). Tools and sandbox are left out: they are
 * measured, and here only what repeats exactly is compared.
 */
function turningOverhead(classic: Figures, code: Figures, profile: LatencyProfile) {
  const rest = ({ latencyMs, roundTrips }: Figures) =>
    latencyMs.modelled / 1000 - roundTrips * profile.overheadSeconds;
  const more = classic.roundTrips - code.roundTrips;
  const at = more === 0 ? Number.NaN : (rest(code) - rest(classic)) / more;
  return { now: profile.overheadSeconds, at: at >= 0 ? round(at) : null };
}

function failures(classic: Side, code: Side) {
  const each = costOfFailedProgram(code.figures, code.result.programs, code.weights);
  return {
    each: Math.round(each * 1e8) / 1e8,
    affordable: affordableFailures(classic.value - code.value, each),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
