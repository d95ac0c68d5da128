import { markdownTable } from 'markdown-table';
import type { Result, Summary } from '../harness/run/summary.ts';
import { tallyTrials } from '../harness/run/tally.ts';
import { pointKey } from '../harness/scenario/point.ts';
import { contextByCategory } from './breakdown.ts';
import { evidenceLines, providerNotes } from './evidence.ts';
import { failureNotes, failureRows } from './failures.ts';
import { inline } from './inline.ts';
import { ladderTable } from './ladder.ts';
import { selfComparison, trialSections } from './trials.ts';
import { explainVerdict } from './verdict.ts';

/** One column of a scenario's table: a variant as it was billed, or as it would have been with no context window. */
type Column = { heading: string; result: Result; figures: Omit<Result, 'hypothetical' | 'measured'> };

/** A run as Markdown: for each scenario, at each set of parameters, a table and a verdict, then how the figures came about. */
export function toMarkdown(summary: Summary): string {
  const sections = [...Map.groupBy(summary.results, pointKey)].map(([key, results]) => {
    const verdict = summary.verdicts.find((each) => pointKey(each) === key);
    const [{ scenario, params: given }] = results as [Result];
    const params = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    const shown = compared(results, verdict);
    return [
      `## ${scenario}${params.length > 0 ? ` (${params.join(', ')})` : ''}`,
      table(shown),
      ...(results.length > 2 && verdict?.ladder ? [ladderTable(results, verdict.ladder)] : []),
      ...results
        .filter((result) => result.correct !== 1)
        .map((result) => `- ${result.variant}: ${inline(result.reason)}`),
      ...failureNotes(results.filter((result) => !shown.includes(result))),
      ...trialSections(results, summary),
      ...providerNotes(results),
      verdict
        ? `**Verdict: ${verdict.pattern}.** ${inline(verdict.reason)}${expectation(verdict)}`
        : '**Verdict:** outstanding; not every trial has ended.',
      ...(verdict ? explainVerdict(verdict, results) : []),
    ].join('\n\n');
  });
  const partial =
    summary.status === 'partial'
      ? [
          tallyTrials(summary).notRun === 0
            ? '**Partial run: all trials have ended; at how many items verdicts flip is still to be found.**'
            : `**Partial run: ${summary.planned - tallyTrials(summary).notRun} of ${summary.planned} trials have ended.**`,
        ]
      : [];
  return `${[...partial, ...sections, ...selfComparison(summary), method(summary)].join('\n\n')}\n`;
}

/** More than three variants make no readable columns: then those that the verdict compares, and the ladder shows all. */
function compared(results: Result[], verdict: Summary['verdicts'][number] | undefined): Result[] {
  const { classic, code } = verdict?.variants ?? {};
  if (results.length <= 3 || classic === undefined) return results;
  return results.filter(({ variant }) => variant === classic || variant === code);
}

function table(results: Result[]): string {
  const columns = results.flatMap(toColumns);
  const row = (item: string, cell: (column: Column) => string) => [item, ...columns.map(cell)];
  const context = new Map(columns.map((column) => [column, contextByCategory(column.figures.ledger)]));
  const tokens = (column: Column, ...categories: (keyof ReturnType<typeof contextByCategory>)[]) =>
    number(categories.reduce((sum, category) => sum + (context.get(column)?.[category] ?? 0), 0));
  return markdownTable(
    [
      ['item', ...columns.map((column) => column.heading)],
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
        costUsd ? `${usd(costUsd.cached)} / ${usd(costUsd.uncached)}` : 'unpriced',
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
    { align: ['l', ...columns.map(() => 'r')] },
  );
}

function toColumns(result: Result): Column[] {
  const column = { heading: result.variant, result, figures: result };
  const whole = result.hypothetical;
  if (!whole) return [column];
  const figures = { ...result, ...whole };
  return [
    { ...column, heading: `${result.variant}, until it overflowed` },
    { heading: `${result.variant}, had there been no window (hypothetical)`, result, figures },
  ];
}

function correctness({ result, figures }: Column): string {
  if (figures !== result) return figures.correct === 1 ? 'would be' : 'no';
  if (result.correct === null) return 'not measured';
  const share =
    result.trials === 1 ? (result.correct === 1 ? 'yes' : 'no') : `${Math.round(result.correct * 100)} %`;
  return result.status === 'completed' ? share : `no: ${result.status.replaceAll('_', ' ')}`;
}

function expectation(verdict: Summary['verdicts'][number]): string {
  if (verdict.predicted === undefined) return '';
  return verdict.predicted === verdict.pattern
    ? ` Expected beforehand: ${verdict.predicted}.`
    : ` Expected beforehand was ${verdict.predicted}.`;
}

function method(summary: Summary): string {
  const { model, tokenCounts, prices, latencyProfile } = summary;
  const isCounted = summary.results.some((result) => result.provider);
  const { request, ratio } = tokenCounts.uncertainty;
  const overhead = tokenCounts.toolUseSystemTokens.documented
    ? ''
    : `, with an assumed tool-use system prompt of ${tokenCounts.toolUseSystemTokens.tokens} tokens (not documented for this model)`;
  return [
    ...evidenceLines(summary),
    `Tokens: ${isCounted ? 'bills are the provider’s, their breakdown is ' : ''}estimated, ${tokenCounts.method}, ±${percent(request)} on one request, ±${percent(ratio)} on a ratio between patterns${overhead}.`,
    `Prices: ${model}, as documented ${prices.asOf}. Model time: modelled, profile ${latencyProfile}.`,
  ]
    .map((line) => `_${line}_`)
    .join('  \n');
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

function usd(amount: number): string {
  return `$${amount.toFixed(amount < 1 ? 4 : 2)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
