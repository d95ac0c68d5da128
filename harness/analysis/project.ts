import { type Amount, type Projection, projectionFormat } from '../results/projection.ts';
import { readResult } from '../results/reading.ts';
import type { Result, Summary } from '../results/summary.ts';
import { cheaperCost, uncertaintyOf } from './verdict/measure.ts';

/** How much work there will be. */
type Workload = {
  /** Runs a month, of all tenants together. */
  runs: number;
  tenants: number;
  /** Share of runs that find tools and system prompt in the cache; undefined: worked out from how often runs come. */
  cacheShare: number | undefined;
};

/** The cache keeps an entry for five minutes after its last use. */
const cacheMinutes = 5;
const minutesPerMonth = (365.25 / 12) * 24 * 60;

/**
 * The share of runs that begin within the cache's time to live of the run before, where runs come at random at an even rate
 * (a Poisson process): 1 − e^(−rate·5 min). Each tenant is taken to have a prompt, and so a cache, of its own. Work that crowds
 * into office hours finds a warm cache more often.
 */
export function arrivingWarm({ runs, tenants }: Pick<Workload, 'runs' | 'tenants'>): number {
  return 1 - Math.exp(-(runs / tenants / minutesPerMonth) * cacheMinutes);
}

/**
 * What a run's results would cost at a workload. With s the cache share: per run = (1 − s)·cold + s·warm; cold is the run's
 * cost, with caching within itself or without, whichever is less; warm is what its meter billed with tools and system prompt in the
 * cache beforehand. Month = runs·(per run); tenant = month / tenants; per correct run = (per run) /
 * (share that was right). A variant that did not fit its window, or has no price, is given no cost.
 */
export function project(
  summary: Pick<Summary, 'model' | 'results' | 'evidence' | 'prices'>,
  workload: Workload,
): Projection {
  const cacheShare = workload.cacheShare ?? arrivingWarm(workload);
  const rows = summary.results.map((result) => projectOne(result, { ...workload, cacheShare }));
  return {
    format: projectionFormat,
    model: summary.model,
    evidence: summary.evidence,
    pricesAsOf: summary.prices.asOf,
    runs: workload.runs,
    tenants: workload.tenants,
    cacheShare: {
      value: round(cacheShare, 4),
      basis: workload.cacheShare === undefined ? 'computed' : 'given',
    },
    rows,
  };
}

function projectOne(
  result: Result,
  { runs, tenants, cacheShare }: Workload & { cacheShare: number },
): Projection['rows'][number] {
  const { scenario, params, variant, costUsd, correct } = result;
  const base = { scenario, params, variant, correct };
  const reading = readResult(result);
  if (reading.status === 'overflowed') return { ...base, status: 'does_not_fit' };
  if (reading.status === 'not_measured') return { ...base, status: 'not_measured' };
  if (!costUsd) return { ...base, status: 'unpriced' };
  const { cold: chilled, warm: warmed } = result.otherwise?.assumed ?? {};
  // Where the trials found a warm cache, what they took is not a cold run.
  const cold = cheaperCost(chilled?.costUsd ?? costUsd) ?? 0;
  const warm = Math.min(cold, cheaperCost(warmed?.costUsd ?? null) ?? cold);
  const mean = (1 - cacheShare) * cold + cacheShare * warm;
  const { low, high } = spanOf(result);
  const amount = (factor: number): Amount => ({
    usd: round(mean * factor, 8),
    low: round(mean * low * factor, 8),
    high: round(mean * high * factor, 8),
  });
  return {
    ...base,
    status: 'projected',
    coldUsd: round(cold, 8),
    warmUsd: round(warm, 8),
    perRun: amount(1),
    perTenant: amount(runs / tenants),
    perMonth: amount(runs),
    perCorrectRunUsd: reading.right > 0 ? round(mean / reading.right, 8) : null,
  };
}

/** By what factors the cost may be off: of trials that vary by their interval, of a computed cost by what token counts are known to. */
function spanOf(result: Result): { low: number; high: number } {
  const estimate = result.statistics?.costUsd;
  if (estimate?.status === 'interval' && estimate.value > 0) {
    return { low: estimate.low / estimate.value, high: estimate.high / estimate.value };
  }
  const uncertainty = uncertaintyOf(result, 'cost');
  return { low: 1 - uncertainty, high: 1 + uncertainty };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
