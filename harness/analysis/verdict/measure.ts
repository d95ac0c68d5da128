import type { LatencyProfile } from '../../meter/latency.ts';
import type { LedgerRow } from '../../meter/ledger.ts';
import type { Category, Measure } from '../../results/codes.ts';
import { type Figures, readResult } from '../../results/reading.ts';
import type { Result } from '../../results/summary.ts';
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

const units = { cost: 'USD', tokens: 'tokens', latency: 'seconds' } as const;

/** What the rows of a ledger that `has` picks come to in a measure, without the overhead of round trips. */
function weigh(
  figures: WholeJob,
  measure: Measure,
  profile: LatencyProfile,
  has: (row: LedgerRow) => boolean,
): number {
  const of = valueOfRow(figures, measure, profile);
  return figures.ledger.reduce((sum, row) => sum + (has(row) ? of(row) : 0), 0);
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
  const save = (has: (row: LedgerRow) => boolean) =>
    weigh(classic, by, profile, has) - weigh(code, by, profile, has);
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
  const rounded = mapNumbers(parts, round);
  return {
    unit: units[by],
    ...rounded,
    remainder: round(total - explained),
    total: round(total),
    resent: mapNumbers(resent, round),
    hypothetical: classic.hypothetical || code.hypothetical,
  };
}

function isResent(row: LedgerRow): boolean {
  return row.direction === 'input' && row.history === 'resent';
}

/** To a millionth of a cent. */
function round(value: number): number {
  return Math.round(value * 1e8) / 1e8 + 0;
}

function mapNumbers<K extends string>(
  record: Record<K, number>,
  change: (value: number) => number,
): Record<K, number> {
  return Object.fromEntries(
    Object.entries<number>(record).map(([key, value]) => [key, change(value)]),
  ) as Record<K, number>;
}
