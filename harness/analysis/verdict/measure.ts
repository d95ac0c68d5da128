import { mapNumbers } from '../../json.ts';
import type { LatencyProfile } from '../../meter/latency.ts';
import { reachOf } from '../../meter/token-counter.ts';
import type { Category, Measure } from '../../results/codes.ts';
import { type Figures, readResult } from '../../results/reading.ts';
import type { LedgerRow, Result } from '../../results/summary.ts';
import type { Verdict } from '../../results/verdict.ts';

/** What a verdict weighs: what was billed, or would have been without a context window. */
export type WholeJob = Figures & { hypothetical: boolean };

/** The whole job's figures: of a trial that did not fit its window, the hypothetical ones. */
export function wholeJob(result: Result): WholeJob {
  const reading = readResult(result);
  const whole = reading.status === 'overflowed' ? reading.whole : undefined;
  return whole ? { ...whole, hypothetical: true } : { ...reading.figures, hypothetical: false };
}

/** Whether a trial would have been right had it fitted its window where it did not, or not fitted where it did. */
export function rightOtherwise(result: Result): boolean {
  const reading = readResult(result);
  return reading.status === 'overflowed' && reading.whole?.right === 1;
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

/** What a row of these figures' ledger comes to in a measure: USD by the cheaper of the two bills, tokens, or seconds. */
export function valueOfRow(
  figures: Pick<Figures, 'costUsd'>,
  measure: Measure,
  profile: LatencyProfile,
): (row: LedgerRow) => number {
  const kind = leavesCachingOut(figures) ? 'uncached' : 'cached';
  return (row) => {
    if (measure === 'tokens') return row.tokens;
    if (measure === 'cost') return row.costUsd?.[kind] ?? 0;
    if (row.direction === 'output') return row.tokens / profile.decodeRate;
    return row.tokens / (row.cache === 'cache_read' ? profile.cachedPrefillRate : profile.prefillRate);
  };
}

type Mechanism = NonNullable<Verdict['mechanism']>;

const groups: Record<Category, 'definitions' | 'payload' | 'writing' | 'fixed'> = {
  tool_definitions: 'definitions',
  discovery: 'definitions',
  tool_results: 'payload',
  program_output: 'payload',
  tool_calls: 'writing',
  code: 'writing',
  reasoning: 'writing',
  answer: 'writing',
  instructions: 'fixed',
  frame: 'fixed',
};

/**
 * Which mechanism the difference between the patterns is due to: value(classic) − value(code), split by the ledger's rows.
 * A token counts for its group the first time it is sent or when it is written, and for the round trips each time it is sent
 * again. So a fatter result weighs on payload once, and on round trips as often as it travels. Where the estimate is the bill,
 * the parts sum to the difference but for rounding.
 */
export function explainDifference(
  classic: WholeJob,
  code: WholeJob,
  values: { classic: number; code: number },
  { by, profile }: { by: Measure; profile: LatencyProfile },
): Mechanism {
  const save = (has: (row: LedgerRow) => boolean) => {
    const sum = (figures: WholeJob) => {
      const value = valueOfRow(figures, by, profile);
      return figures.ledger.reduce((total, row) => total + (has(row) ? value(row) : 0), 0);
    };
    return sum(classic) - sum(code);
  };
  const group = (row: LedgerRow) => groups[row.category];
  const first = (name: string) => save((row) => !isResent(row) && group(row) === name);
  const resent = {
    definitions: save((row) => isResent(row) && group(row) === 'definitions'),
    payload: save((row) => isResent(row) && group(row) === 'payload'),
    other: save((row) => isResent(row) && !['definitions', 'payload'].includes(group(row))),
  };
  const overhead = by === 'latency' ? (classic.roundTrips - code.roundTrips) * profile.overheadSeconds : 0;
  const parts = {
    definitions: first('definitions'),
    payload: first('payload'),
    roundTrips: resent.definitions + resent.payload + resent.other + overhead,
    writing: first('writing'),
    fixed: first('fixed'),
  };
  const total = values.classic - values.code;
  const explained = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return {
    unit: ({ cost: 'USD', tokens: 'tokens', latency: 'seconds' } as const)[by],
    ...mapNumbers(parts, round),
    remainder: round(total - explained),
    total: round(total),
    resent: mapNumbers(resent, round),
    hypothetical: classic.hypothetical || code.hypothetical,
  };
}

/** Whether tokens were in a prompt before, so that they are not new. */
export function isResent(row: LedgerRow): boolean {
  return row.direction === 'input' && row.history === 'resent';
}

/** Figures with as many digits as mean something, so that they are written alike on every machine. */
export function roundFigures<T>(figures: T): T {
  return mapNumbers(figures, (value) => Number(value.toPrecision(6)));
}

/** To a millionth of a cent. */
function round(value: number): number {
  return Math.round(value * 1e8) / 1e8 + 0;
}

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
