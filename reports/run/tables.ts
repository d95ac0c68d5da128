import { sumOfCounts } from '../../harness/analysis/aggregate.ts';
import { cheaperCost, leavesCachingOut, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { bytes, number, percent, ratio, seconds, usd } from '../../harness/numbers.ts';
import { type Category, categories } from '../../harness/results/codes.ts';
import { type Figures, readResult } from '../../harness/results/reading.ts';
import type { LedgerRow, Result, Verdict } from '../../harness/results/summary.ts';
import type { Table } from '../text/markup.ts';

/** One column of a scenario's table: a variant as it was billed, or as it would have been with no context window. */
type Column = {
  heading: string;
  result: Result;
  figures: Figures;
  /** Set where the figures are what the whole job would have taken: the share of trials that would have been right. */
  wouldBeRight?: number;
};

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
      row('correct', ({ result, wouldBeRight }) =>
        wouldBeRight === undefined ? correctness(result) : wouldBeRight === 1 ? 'would be' : 'no',
      ),
    ],
  };
}

/** The columns that a result takes: of one that overflowed, also the whole job as it would have been. */
export function toColumns(result: Result): Column[] {
  const reading = readResult(result);
  const { figures } = reading;
  const whole = reading.status === 'overflowed' ? reading.whole : undefined;
  if (!whole) return [{ heading: result.variant, result, figures }];
  return [
    { heading: `${result.variant}, until it overflowed`, result, figures },
    {
      heading: `${result.variant}, had there been no window (hypothetical)`,
      result,
      figures: whole,
      wouldBeRight: whole.right,
    },
  ];
}

/** Whether a result was right, and why not where something ended it. */
export function correctness(result: Result): string {
  const reading = readResult(result);
  if (reading.status === 'not_measured') return 'not measured';
  if (result.trials > 1) return percent(reading.right);
  if (reading.right === 1) return 'yes';
  return result.status === 'completed' ? 'no' : `no: ${result.status.replaceAll('_', ' ')}`;
}

/** All variants of one scenario, each against the reference variant. A trial that did not fit its window is marked. */
export function ladderTable(results: readonly Result[], ladder: NonNullable<Verdict['ladder']>): Table {
  const rungs = new Map(ladder.rows.map((row) => [row.variant, row]));
  const rows = results.map((result) => {
    const { variant } = result;
    const { roundTrips, tokens, costUsd, latencyMs, hypothetical } = wholeJob(result);
    const cost = cheaperCost(costUsd);
    const mark = hypothetical ? ' (hypothetical)' : '';
    const against = rungs.get(variant)?.ratio ?? null;
    return [
      `${variant}${variant === ladder.best ? ' ◂ least' : ''}`,
      correctness(result),
      number(roundTrips),
      number(tokens.context),
      `${number(tokens.billed)}${mark}`,
      cost === null ? 'unpriced' : usd(cost),
      seconds(latencyMs.modelled),
      variant === ladder.reference ? 'reference' : against === null ? '' : `× ${ratio(against)}`,
    ];
  });
  return {
    headings: [
      'variant',
      'correct',
      'round trips',
      'context tokens',
      'billed tokens',
      'cost',
      'model time, modelled',
      `against ${ladder.reference}`,
    ],
    align: ['l', 'r', 'r', 'r', 'r', 'r', 'r', 'r'],
    rows,
  };
}

/**
 * How much of what no model need see each variant showed to its model; undefined where the scenario declares nothing of the kind.
 */
export function canaryTable(results: readonly Result[]): Table | undefined {
  if (!results.some(({ canaries }) => canaries)) return undefined;
  return {
    headings: ['variant', 'values that no model need see', 'of them shown to it', 'sent, of all requests'],
    align: ['l', 'r', 'r', 'r'],
    rows: results.flatMap(({ variant, canaries }) =>
      canaries ? [[variant, number(canaries.returned), number(canaries.reached), bytes(canaries.bytes)]] : [],
    ),
  };
}

/** What faults each variant met, and what became of the calls; undefined where the run has none. */
export function faultTable(results: readonly Result[]): Table | undefined {
  if (!results.some(({ faults }) => faults)) return undefined;
  return {
    headings: [
      'variant',
      'met a fault',
      'made again',
      'given up',
      'written twice',
      'right',
      'silently wrong',
    ],
    align: ['l', 'l', 'r', 'r', 'r', 'r', 'r'],
    rows: results.flatMap(({ faults, ...result }) => {
      if (!faults) return [];
      const { met, retried, gaveUp, wroteTwice, silent } = faults;
      const counts = [retried, gaveUp, wroteTwice].map(number);
      const all = sumOfCounts(met);
      const calls = all > 0 ? `${number(all)} (${listCounts(met)})` : '0';
      return [[result.variant, calls, ...counts, correctness(result), percent(silent)]];
    }),
  };
}

type Counts = Partial<Record<string, number>>;

/** What a trial can meet that does not end it: how many of a result's were so, of how many, and of which kinds. */
const failures: { item: string; counts: (result: Result) => Counts; of?: (result: Result) => number }[] = [
  { item: 'programs that failed', counts: failedPrograms, of: ({ programs }) => programs },
  {
    item: 'tool calls refused by policy',
    counts: ({ refusals, refusalCodes }) =>
      refusalCodes ?? (refusals > 0 ? { 'of unknown kind': refusals } : {}),
  },
  { item: 'tool calls stopped by the sandbox', counts: ({ stoppedCalls }) => stoppedCalls ?? {} },
  { item: 'tool calls sent again', counts: ({ sentAgain }) => sentAgain ?? {} },
];

/** Programs of a result that did not end well, by how they ended; of several trials, means. */
export function failedPrograms({ programEnds = {} }: Pick<Result, 'programEnds'>): Counts {
  const { ok: _, ...failed } = programEnds;
  return failed;
}

/** Rows of a table with a column for each result; only what any of them has. */
function failureRows(results: readonly Result[]): string[][] {
  return failures
    .filter(({ counts }) => results.some((result) => sumOfCounts(counts(result)) > 0))
    .map((failure) => [failure.item, ...results.map((result) => describe(failure, result))]);
}

/** The same as notes, for results that have no column. */
export function failureNotes(results: readonly Result[]): string[] {
  return results.flatMap((result) =>
    failures
      .filter(({ counts }) => sumOfCounts(counts(result)) > 0)
      .map((failure) => `${result.variant}: ${failure.item}: ${describe(failure, result)}.`),
  );
}

/** Counts in words, such as `2 guest error, 1 timeout cpu`. */
export function listCounts(counts: Counts): string {
  return Object.entries(counts)
    .map(([name, count]) => `${number(count ?? 0)} ${name.replaceAll('_', ' ')}`)
    .join(', ');
}

function describe({ counts, of }: (typeof failures)[number], result: Result): string {
  const total = sumOfCounts(counts(result));
  const share = of && of(result) > 0 ? `${number(total)} of ${number(of(result))}` : number(total);
  return total > 0 ? `${share} (${listCounts(counts(result))})` : share;
}

/** The five criteria by which people choose, as they were measured. */
export function criteriaTable({
  tools,
  steps,
  resultSize,
  determinism,
  traceability,
}: NonNullable<Verdict['criteria']>): Table {
  const both = ({ classic, code }: { classic: number; code: number }) => [number(classic), number(code)];
  return {
    headings: ['criterion', 'measured', 'classic', 'code'],
    align: ['l', 'l', 'r', 'r'],
    rows: [
      [
        'number of tools',
        `${number(tools.listed)} listed; tokens to know them`,
        ...both(tools.definitionTokens),
      ],
      [
        'steps',
        `${number(steps.toolCalls)} calls, ${steps.looks} looks at results in between; round trips`,
        ...both(steps.roundTrips),
      ],
      [
        'size of results',
        `${resultSize.bytesPerResult === null ? 'no results' : `${bytes(resultSize.bytesPerResult)} each`}; tokens shown to the model`,
        ...both(resultSize.tokensShown),
      ],
      ['determinism', 'decisions left to the model', ...both(determinism.modelDecisions)],
      ['traceability', 'calls that stand in the conversation', ...both(traceability.callsInConversation)],
    ],
  };
}

/** Tokens by category, each counted once: what was new in a prompt and what the model wrote. They sum to `context`. */
export function contextByCategory(ledger: readonly LedgerRow[]): Record<Category, number> {
  const sums = Object.fromEntries(categories.map((category) => [category, 0])) as Record<Category, number>;
  for (const row of ledger) {
    if (row.direction === 'output' || row.history === 'new') sums[row.category] += row.tokens;
  }
  return sums;
}
