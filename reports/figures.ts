import type { Result, Verdict } from '../harness/run/summary.ts';
import { leavesCachingOut } from '../harness/verdict/measure.ts';
import { contextByCategory } from './breakdown.ts';
import { failureRows } from './failures.ts';
import type { Table } from './text/markup.ts';
import { number, percent, seconds, usd } from './text/numbers.ts';

/** One column of a scenario's table: a variant as it was billed, or as it would have been with no context window. */
export type Column = { heading: string; result: Result; figures: Omit<Result, 'hypothetical' | 'measured'> };

/** More than three variants make no readable columns: then those that the verdict compares, and the ladder shows all. */
export function comparedResults(results: Result[], verdict: Verdict | undefined): Result[] {
  const { classic, code } = verdict?.sides ?? {};
  if (results.length <= 3 || !classic) return results;
  return results.filter(({ variant }) => variant === classic.name || variant === code?.name);
}

/** What each result came to, a column for each; two for one that overflowed. */
export function figureTable(results: readonly Result[]): Table {
  const columns = results.flatMap(toColumns);
  const row = (item: string, cell: (column: Column) => string) => [item, ...columns.map(cell)];
  const context = new Map(columns.map((column) => [column, contextByCategory(column.figures.ledger)]));
  const tokens = (column: Column, ...categories: (keyof ReturnType<typeof contextByCategory>)[]) =>
    number(categories.reduce((sum, category) => sum + (context.get(column)?.[category] ?? 0), 0));
  return {
    headings: ['item', ...columns.map((column) => column.heading)],
    align: ['l', ...columns.map(() => 'r' as const)],
    rows: [
      row('tool definitions up front (tokens)', (column) => tokens(column, 'tool_definitions')),
      row('tool discovery (tokens)', (column) => tokens(column, 'discovery')),
      row('intermediate results in the context (tokens)', (column) =>
        tokens(column, 'tool_results', 'program_output'),
      ),
      row(
        'generated code / calls / final answer (tokens)',
        (column) =>
          `${tokens(column, 'code')} / ${tokens(column, 'tool_calls')} / ${tokens(column, 'answer', 'reasoning')}`,
      ),
      row('instructions and framing (tokens)', (column) => tokens(column, 'instructions', 'frame')),
      row('LLM round trips', ({ figures }) => number(figures.roundTrips)),
      row('tool calls', ({ figures }) => number(figures.toolCalls)),
      ...failureRows(columns.map(({ result }) => result)),
      row('context tokens (each counted once)', ({ figures }) => number(figures.tokens.context)),
      row('billed tokens (all requests)', ({ figures }) => number(figures.tokens.billed)),
      row(
        '… with caching: fresh / written / read / output',
        ({
          figures: {
            tokens: { input, output, cacheRead, cacheWrite },
          },
        }) =>
          `${number(input - cacheRead - cacheWrite)} / ${number(cacheWrite)} / ${number(cacheRead)} / ${number(output)}`,
      ),
      row('cost (cached / uncached)', ({ figures: { costUsd } }) =>
        costUsd
          ? `${usd(costUsd.cached)} / ${usd(costUsd.uncached)}${leavesCachingOut({ costUsd }) ? ' (taken)' : ''}`
          : 'unpriced',
      ),
      row(
        'latency (model modelled + tools and sandbox measured)',
        ({ figures: { latencyMs } }) => `${seconds(latencyMs.modelled)} + ${seconds(latencyMs.measured)}`,
      ),
      ...(columns.some(({ figures }) => figures.latencyMs.measuredModel !== undefined)
        ? [
            row('… model measured', ({ figures: { latencyMs } }) =>
              latencyMs.measuredModel === undefined ? '' : seconds(latencyMs.measuredModel),
            ),
          ]
        : []),
      row('correct', correctness),
    ],
  };
}

/** The columns that a result takes: of one that overflowed, also the whole job as it would have been. */
export function toColumns(result: Result): Column[] {
  const column = { heading: result.variant, result, figures: result };
  const whole = result.hypothetical;
  if (!whole) return [column];
  const figures = { ...result, ...whole };
  return [
    { ...column, heading: `${result.variant}, until it overflowed` },
    { heading: `${result.variant}, had there been no window (hypothetical)`, result, figures },
  ];
}

/** Whether a column was right, and why not where something ended it. */
export function correctness({ result, figures }: Column): string {
  if (figures !== result) return figures.correct === 1 ? 'would be' : 'no';
  if (result.correct === null) return 'not measured';
  const share = result.trials === 1 ? (result.correct === 1 ? 'yes' : 'no') : `${percent(result.correct)}`;
  return result.status === 'completed' ? share : `no: ${result.status.replaceAll('_', ' ')}`;
}
