import { sumOfCounts } from '../../harness/analysis/aggregate.ts';
import { cheaperCost, leavesCachingOut, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { bytes, number, percent, ratio, seconds, share, usd } from '../../harness/numbers.ts';
import { type ApprovalGrain, type Category, categories } from '../../harness/results/codes.ts';
import { type Figures, readResult } from '../../harness/results/reading.ts';
import type { LedgerRow, Result, Verdict } from '../../harness/results/summary.ts';
import { type Table, tableOf } from '../text/table.ts';

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
  const row = (item: string, cell: (figures: Figures, column: Column) => string) => [
    item,
    ...columns.map((column) => cell(column.figures, column)),
  ];
  const tokens = ({ ledger }: Figures, ...wanted: Category[]) => {
    const context = contextByCategory(ledger);
    return number(wanted.reduce((sum, category) => sum + context[category], 0));
  };
  return {
    headings: ['item', ...columns.map(({ heading }) => heading)],
    rows: [
      row('tool definitions up front (tokens)', (figures) => tokens(figures, 'tool_definitions')),
      row('tool discovery (tokens)', (figures) => tokens(figures, 'discovery')),
      row('intermediate results in the context (tokens)', (figures) =>
        tokens(figures, 'tool_results', 'program_output'),
      ),
      row('generated code / calls / final answer (tokens)', (figures) =>
        [tokens(figures, 'code'), tokens(figures, 'tool_calls'), tokens(figures, 'answer', 'reasoning')].join(
          ' / ',
        ),
      ),
      row('instructions and framing (tokens)', (figures) => tokens(figures, 'instructions', 'frame')),
      row('LLM round trips', ({ roundTrips }) => number(roundTrips)),
      row('tool calls', ({ toolCalls }) => number(toolCalls)),
      ...failureRows(columns.map(({ result }) => result)),
      row('context tokens (each counted once)', (figures) => number(figures.tokens.context)),
      row('billed tokens (all requests)', (figures) => number(figures.tokens.billed)),
      row(
        '… with caching: fresh / written / read / output',
        ({ tokens: { input, output, cacheRead, cacheWrite } }) =>
          [input - cacheRead - cacheWrite, cacheWrite, cacheRead, output].map(number).join(' / '),
      ),
      row('cost (cached / uncached)', ({ costUsd }) =>
        costUsd
          ? `${usd(costUsd.cached)} / ${usd(costUsd.uncached)}${leavesCachingOut({ costUsd }) ? ' (taken)' : ''}`
          : 'unpriced',
      ),
      row(
        'latency (model modelled + tools and sandbox measured)',
        ({ latencyMs }) => `${seconds(latencyMs.modelled)} + ${seconds(latencyMs.measured)}`,
      ),
      ...(columns.some(({ figures }) => figures.latencyMs.measuredModel !== undefined)
        ? [
            row('… model measured', ({ latencyMs: { measuredModel } }) =>
              measuredModel === undefined ? '' : seconds(measuredModel),
            ),
          ]
        : []),
      row('correct', (_, { result, wouldBeRight }) =>
        wouldBeRight === undefined ? correctness(result) : wouldBeRight === 1 ? 'would be' : 'no',
      ),
    ],
  };
}

/** The columns that a result takes: of one that overflowed, also the whole job as it would have been. */
function toColumns(result: Result): Column[] {
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
  const against = (variant: string) => {
    const found = rungs.get(variant)?.ratio ?? null;
    return variant === ladder.reference ? 'reference' : found === null ? '' : `× ${ratio(found)}`;
  };
  const rows = results.map((result) => ({ ...wholeJob(result), result, variant: result.variant }));
  return tableOf(rows, [
    ['variant', ({ variant }) => `${variant}${variant === ladder.best ? ' ◂ least' : ''}`],
    ['correct', ({ result }) => correctness(result)],
    ['round trips', ({ roundTrips }) => number(roundTrips)],
    ['context tokens', ({ tokens }) => number(tokens.context)],
    [
      'billed tokens',
      ({ tokens, hypothetical }) => `${number(tokens.billed)}${hypothetical ? ' (hypothetical)' : ''}`,
    ],
    ['cost', ({ costUsd }) => priced(cheaperCost(costUsd))],
    ['model time, modelled', ({ latencyMs }) => seconds(latencyMs.modelled)],
    [`against ${ladder.reference}`, ({ variant }) => against(variant)],
  ]);
}

const priced = (cost: number | null | undefined) => (cost == null ? 'unpriced' : usd(cost));

/** How much of what no model need see each variant showed to its model; no rows where the scenario declares nothing of the kind. */
export function canaryTable(results: readonly Result[]): Table {
  const rows = results.flatMap(({ variant, canaries }) => (canaries ? [{ variant, ...canaries }] : []));
  return tableOf(rows, [
    ['variant', ({ variant }) => variant],
    ['values that no model need see', ({ returned }) => number(returned)],
    ['of them shown to it', ({ reached }) => number(reached)],
    ['sent, of all requests', (row) => bytes(row.bytes)],
  ]);
}

/** What faults each variant met, and what became of the calls; no rows where the run has none. */
export function faultTable(results: readonly Result[]): Table {
  const rows = results.flatMap((result) =>
    result.faults ? [{ result, ...result.faults, all: sumOfCounts(result.faults.met) }] : [],
  );
  return tableOf(rows, [
    ['variant', ({ result }) => result.variant],
    ['met a fault', ({ met, all }) => (all > 0 ? `${number(all)} (${listCounts(met)})` : '0'), 'l'],
    ['made again', ({ retried }) => number(retried)],
    ['given up', ({ gaveUp }) => number(gaveUp)],
    ['written twice', ({ wroteTwice }) => number(wroteTwice)],
    ['right', ({ result }) => correctness(result)],
    ['silently wrong', ({ silent }) => percent(silent)],
  ]);
}

const grains: Record<ApprovalGrain, string> = {
  call: 'each call',
  arguments: 'calls alike',
  program: 'a program',
  granted: 'all',
};

/** What asking for approvals came to in each variant, with what the run costs and takes; no rows where none were needed. */
export function approvalsTable(results: readonly Result[]): Table {
  const rows = results.flatMap((result) => {
    const { variant, approvals } = result;
    if (!approvals) return [];
    const [waitMs, how] =
      approvals.by === 'script' ? [approvals.waitMs, 'assumed'] : [approvals.measured.waitMs, 'measured'];
    return [{ variant, ...approvals, waitMs, how, ...wholeJob(result) }];
  });
  return tableOf(rows, [
    ['variant', ({ variant }) => variant],
    ['each covers', ({ per }) => grains[per], 'l'],
    [
      'approvals',
      ({ asked, refused }) => `${number(asked)}${refused > 0 ? ` (${number(refused)} refused)` : ''}`,
    ],
    [
      'calls by each',
      ({ asked, refused, calls }) => (asked > refused ? number(calls / (asked - refused)) : ''),
    ],
    ['waiting', ({ waitMs, how }) => `${seconds(waitMs)} ${how}`],
    ['cost, cached', ({ costUsd }) => priced(costUsd?.cached)],
    ['whole time', ({ latencyMs, waitMs }) => seconds(latencyMs.modelled + latencyMs.measured + waitMs)],
  ]);
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
  const part = of && of(result) > 0 ? `${number(total)} of ${number(of(result))}` : number(total);
  return total > 0 ? `${part} (${listCounts(counts(result))})` : part;
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

/** What a bill is made of: the ledger's categories, and what a provider billed that no row of the ledger explains. */
type Part = Category | 'remainder';

export const partNames: Record<Part, string> = {
  tool_definitions: 'tool definitions',
  instructions: 'instructions',
  discovery: 'tool discovery',
  tool_calls: 'tool calls',
  tool_results: 'tool results',
  code: 'programs written',
  program_output: 'program output',
  reasoning: 'reasoning',
  answer: 'final answer',
  frame: 'framing',
  remainder: 'not explained by the estimate',
};

/** Billed tokens by category, all requests and what is sent again included, a column for each variant. */
export function billTable(results: readonly Result[]): Table {
  const bills = results.flatMap(toColumns).map(({ heading, result, figures, wouldBeRight }) => {
    const sum = (has: (row: (typeof figures.ledger)[number]) => boolean) =>
      figures.ledger.reduce((total, row) => total + (has(row) ? row.tokens : 0), 0);
    const tokens = new Map<Part, number>(
      categories.map((category) => [category, sum((row) => row.category === category)]),
    );
    // The remainder is that of the whole bill; what would have been billed without a window was not billed.
    tokens.set('remainder', wouldBeRight === undefined ? (result.remainder ?? 0) : 0);
    const resent = sum((row) => row.direction === 'input' && row.history === 'resent');
    return { heading, tokens, resent, total: figures.tokens.billed };
  });
  const occurring = (Object.keys(partNames) as Part[]).filter((part) =>
    bills.some(({ tokens }) => tokens.get(part)),
  );
  const row = (name: string, tokensOf: (bill: (typeof bills)[number]) => number) => [
    name,
    ...bills.map((bill) => cell(tokensOf(bill), bill.total)),
  ];
  return {
    headings: ['billed tokens', ...bills.map(({ heading }) => heading)],
    rows: [
      ...occurring.map((part) => row(partNames[part], ({ tokens }) => tokens.get(part) ?? 0)),
      row('in all', ({ total }) => total),
      row('of these sent again', ({ resent }) => resent),
    ],
  };
}

/** Of nothing there is no share. */
function cell(tokens: number, total: number): string {
  return tokens === 0 || total === 0 ? number(tokens) : `${number(tokens)} (${share(tokens / total)})`;
}
