import type { LatencyProfile } from '../../meter/latency.ts';
import type { LedgerRow } from '../../meter/ledger.ts';
import type { Category } from '../../results/codes.ts';
import type { Measure, Verdict } from '../../results/verdict.ts';
import { type Figures, units, weigh } from './measure.ts';

export type Mechanism = NonNullable<Verdict['mechanism']>;

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
  classic: Figures,
  code: Figures,
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
