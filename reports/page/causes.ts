import { totalOf, valueOfRow, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { InfrastructureError } from '../../harness/errors.ts';
import type { LatencyProfile } from '../../harness/meter/latency.ts';
import type { Category, Measure } from '../../harness/results/codes.ts';
import type { LedgerRow, Result } from '../../harness/results/summary.ts';
import type { Cause } from './data.ts';

const names: Record<Category, string> = {
  tool_definitions: 'Tool definitions',
  instructions: 'Task and framing',
  frame: 'Task and framing',
  discovery: 'Looking tools up',
  tool_calls: 'Calls, programs, answer',
  code: 'Calls, programs, answer',
  reasoning: 'Calls, programs, answer',
  answer: 'Calls, programs, answer',
  tool_results: 'Results',
  program_output: 'Results',
};
const sentAgain = 'History sent again';
const overhead = 'Overhead of round trips';
const unexplained = 'Not explained by the estimate';

/** The share of a sum that rounding may take: rows of a bill are rounded. */
const tolerance = 1e-6;

/**
 * What both results spend, by cause, in a measure. A token counts for what it is when it is written or first sent. Each later time
 * it counts as history that is sent again. Undefined where one result has no value.
 *
 * Throws an `InfrastructureError` where the causes do not add up to the bill. Where a provider counted, what the estimate leaves
 * over is a cause of its own.
 */
export function splitByCause(
  sides: { classic: Result; code: Result },
  by: Measure,
  profile: LatencyProfile,
): Cause[] | undefined {
  const classic = causesOf(sides.classic, by, profile);
  const code = causesOf(sides.code, by, profile);
  if (!classic || !code) return undefined;
  return [...new Set([...classic.keys(), ...code.keys()])].map((name) => ({
    name,
    classic: classic.get(name) ?? 0,
    code: code.get(name) ?? 0,
  }));
}

function causesOf(result: Result, by: Measure, profile: LatencyProfile): Map<string, number> | undefined {
  const figures = wholeJob(result);
  const bill = totalOf(figures, by);
  if (bill === null) return undefined;
  const value = valueOfRow(figures, by, profile);
  const causes = new Map<string, number>();
  const add = (name: string, amount: number) => causes.set(name, (causes.get(name) ?? 0) + amount);
  for (const row of figures.ledger) add(causeOf(row), value(row));
  if (by === 'latency') add(overhead, figures.roundTrips * profile.overheadSeconds);
  const left = bill - [...causes.values()].reduce((sum, amount) => sum + amount, 0);
  // Model time is kept in whole milliseconds.
  const rounding = Math.max(tolerance * bill, by === 'latency' ? 0.001 : 1e-8);
  if (Math.abs(left) <= rounding) return causes;
  if (!result.provider) {
    throw new InfrastructureError(
      `The causes of ${result.scenario}, ${result.variant}, sum to ${bill - left} and its bill to ${bill} (${by}). No page is made of figures that do not add up. Was summary.json changed?`,
    );
  }
  add(unexplained, left);
  return causes;
}

function causeOf(row: LedgerRow): string {
  return row.direction === 'input' && row.history === 'resent' ? sentAgain : names[row.category];
}
