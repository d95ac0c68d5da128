import { wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { number, seconds, whole } from '../../harness/numbers.ts';
import { pointKey } from '../../harness/results/point.ts';
import type { Projection } from '../../harness/results/projection.ts';
import { isMeasured } from '../../harness/results/reading.ts';
import type { Result, Summary, Verdict } from '../../harness/results/summary.ts';
import { showUntrusted } from '../../harness/visible.ts';
import { describeWorkload, projectionLines } from '../projection.ts';
import { type Column, type Part, present, type Table, tableOf } from '../text/table.ts';
import { indented, indentedTable, pad, plain, type Screen, terminalTable, wrap } from '../text/terminal.ts';
import { amount, marks } from '../text/words.ts';
import { flipSentences } from './flips.ts';
import { describeConditions } from './notes.ts';
import { type Around, showAll } from './overview.ts';
import { comparedResults, correctness, failureNotes } from './tables.ts';
import { causesOf } from './verdict.ts';
import { describeRun, type RunReport, type Section } from './view.ts';

/** What comes after a view, such as the command that shows the rest. */
type More = { details: boolean; next: readonly string[]; workload?: Projection | undefined };

/**
 * A run on a terminal: a line for each workflow, what was not right, what would change the advice, and the answer last. One
 * workflow alone is shown with its figures. `details` adds the bill and everything else that reports say.
 */
export function toTerminal(summary: Summary, screen: Screen, { details, next, workload }: More): string {
  const report = describeRun(summary, plain, !workload);
  const [only, ...others] = report.sections;
  const further = showFurther(report, summary, screen, workload);
  const before = report.partial ? wrap(screen.paint('bad', report.partial), indented(screen)) : [];
  const after = details ? showDetails(report, screen) : showNext(next, screen);
  // All of it begins with an empty line.
  const around = { further, details, lines: 1 + before.length + after.length };
  const view =
    only && others.length === 0
      ? showWorkflow(only, around, screen)
      : showAll(report.sections, summary, around, screen);
  const lines = [...before, ...view, ...after];
  return `\n${lines.join('\n')}\n`;
}

/** What to type next: on one line where it fits, since a command that is broken cannot be copied. */
function showNext(next: readonly string[], screen: Screen): string[] {
  const line = `  ${next.join('   ')}`;
  return line.length <= screen.columns ? [line] : next.flatMap((each) => wrap(each, indented(screen)));
}

/** What is said of the run as a whole, where there is something. */
function showFurther(
  { selfComparison, client, sections }: RunReport,
  { forced, verdicts, conditions }: Summary,
  screen: Screen,
  workload: Projection | undefined,
): string[] {
  const [only, ...others] = sections;
  const item = (text: string) => wrap(text, { columns: screen.columns, indent: '      ', first: '    ' });
  const under = (heading: string, texts: readonly string[] | undefined) =>
    texts ? ['', `  ${screen.paint('strong', heading)}`, ...texts.flatMap(item)] : [];
  const hasFaults = only && others.length === 0 && only.faults.rows.length > 0;
  return [
    ...under('Added to the world of the workflows', conditions && describeConditions(conditions)),
    ...(hasFaults ? ['', ...indentedTable(only.faults, screen)] : []),
    ...under('Resumed although something had changed', forced?.map(plain)),
    ...under('Each variant against itself', selfComparison && [selfComparison.claim]),
    ...under(client?.heading ?? '', client?.rulings),
    ...(workload ? under(describeWorkload(workload), projectionLines(workload, verdicts)) : []),
  ];
}

/** Everything that reports say of a run, as tables and lines. */
function showDetails({ sections, selfComparison, client, method }: RunReport, screen: Screen): string[] {
  const blocks = present(
    sections.map((section) => detailsOf(section, screen)),
    selfComparison && lines(selfComparison.comparisons, screen),
    client && [terminalTable(client.figures, screen), lines([client.basis, ...client.facts], screen)],
    lines(method, screen),
  );
  return blocks.flatMap((block) => ['', block]);
}

function detailsOf(section: Section, screen: Screen): string[] {
  const { figures, ladder, canaries, faults, approvals, statistics, criteria, flips } = section;
  const tables = [figures, ladder, canaries, faults, approvals, statistics, criteria];
  const said = present(
    section.failures,
    section.trialNotes,
    section.providerNotes,
    section.ruling,
    section.why,
    flips && flipSentences(flips),
  );
  return present(
    screen.paint('strong', [section.scenario, ...section.params].join(' ')),
    tables.map((table) => table && table.rows.length > 0 && terminalTable(table, screen)),
    lines(said, screen),
  );
}

function lines(texts: readonly string[], { columns }: Screen): string {
  return texts.flatMap((text) => wrap(text, { columns, first: '- ', indent: '  ' })).join('\n');
}

/** Lines of the view of one workflow, with all that is printed around it. */
const mostLines = 20;

/** A labelled paragraph of so many lines at most. */
type Paragraph = { label: string; text: string; rank: number; most: number };

/** One workflow with its figures, why, and what it hangs on. */
function showWorkflow(section: Section, { further, details, lines }: Around, screen: Screen): string[] {
  const { scenario, params, results, verdict, flips } = section;
  const { paint } = screen;
  const compared = comparedOf(results, verdict);
  const head = wrap(`${paint('strong', scenario)}  ${paint('faint', params.join(' '))}`, {
    ...indented(screen),
    most: 1,
  });
  const measured = compared.filter(isMeasured);
  const body = measured.length > 0 ? ['', ...indentedTable(workflowTable(measured), screen)] : [];
  const hasWhole = compared.some((result) => wholeJob(result).hypothetical);
  const foot = hasWhole ? [paint('faint', '  * had there been no context window')] : [];
  const ruling = verdict
    ? wrap(boldLead(plain(verdict.reason), screen), { ...indented(screen), most: 3 })
    : ['  Outstanding; not every trial has ended.'];
  const paragraph = (label: string, texts: Part, rank: number, most: number): Paragraph[] =>
    present(texts).map((text) => ({ label, text, rank, most: details ? Number.POSITIVE_INFINITY : most }));
  const paragraphs = [
    ...paragraph(measured.length > 0 ? 'Not right' : 'No result', section.wrong, 4, 6),
    ...paragraph('Noted', failureNotes(compared), 2, 3),
    ...paragraph('Code saves', verdict && causesWith(1, verdict), 1, 2),
    ...paragraph('Code adds', verdict && causesWith(-1, verdict), 1, 2),
    ...paragraph('A month', section.month, 2, 2),
    ...paragraph('Holds', flips?.wouldNot.join('; '), 0, mostLines),
    ...paragraph('Changes', flips?.would.join('; '), 3, 3),
  ];
  const around = [head, body, foot, further, [''], ruling].flat().length + lines;
  const said = fitted(paragraphs, details ? Number.POSITIVE_INFINITY : mostLines - around - 1, screen);
  return [...head, ...body, ...foot, ...(said.length > 0 ? ['', ...said] : []), ...further, '', ...ruling];
}

/** Paragraphs in so many lines. Those of the lowest rank are cut first, then left out. */
function fitted(paragraphs: readonly Paragraph[], room: number, { paint, columns }: Screen): string[] {
  const draw = ({ label, text, most }: Paragraph) =>
    wrap(text, {
      columns,
      indent: ' '.repeat(14),
      first: `  ${paint('faint', pad(label, 12))}`,
      most,
    });
  const drawn = paragraphs.map((each) => ({ ...each, lines: draw(each) }));
  const byRank = drawn.toSorted((a, b) => a.rank - b.rank);
  for (const least of [1, 0]) {
    for (const each of byRank) {
      const excess = drawn.reduce((sum, { lines }) => sum + lines.length, 0) - room;
      if (excess <= 0) break;
      const most = Math.max(least, each.lines.length - excess);
      each.lines = most === 0 ? [] : draw({ ...each, most });
    }
  }
  return drawn.flatMap(({ lines }) => lines);
}

/** The columns of one workflow: the two sides; all variants where there is no verdict on two. */
function comparedOf(results: Result[], verdict: Verdict | undefined): Result[] {
  const { classic, code } = verdict?.sides ?? {};
  if (!classic || !code) return comparedResults(results, verdict).slice(0, 4);
  return results.filter(({ variant }) => variant === classic.name || variant === code.name);
}

function workflowTable(shown: readonly Result[]): Table {
  const row = (name: string, cell: (figures: ReturnType<typeof wholeJob>) => string) => [
    name,
    ...shown.map((result) => {
      const figures = wholeJob(result);
      const text = cell(figures);
      return figures.hypothetical && text !== 'unpriced' ? `${text}*` : text;
    }),
  ];
  return {
    headings: [
      '',
      ...shown.map(({ variant, pattern }) => `${pattern === 'hybrid' ? '' : `${marks[pattern]} `}${variant}`),
    ],
    rows: [
      row('cost of a run', ({ costUsd }) =>
        costUsd ? amount(Math.min(costUsd.cached, costUsd.uncached), 'cost') : 'unpriced',
      ),
      ['right', ...shown.map(correctness)],
      row('model time, modelled', ({ latencyMs }) => seconds(latencyMs.modelled)),
      row('round trips', ({ roundTrips }) => number(roundTrips)),
      row('tokens billed', ({ tokens }) => whole(tokens.billed)),
      ...(shown.some(({ canaries }) => canaries) ? [['canaries shown', ...shown.map(canariesShown)]] : []),
    ],
  };
}

/** How many of the values that no model need see reached it, of those that tools returned. */
function canariesShown({ canaries }: Result): string {
  return canaries ? `${number(canaries.reached)} of ${number(canaries.returned)}` : '';
}

/** What code saves most by, or what it adds most: the sign says which. */
function causesWith(sign: 1 | -1, verdict: Verdict): string {
  return causesOf(verdict)
    .filter(({ saves }) => saves * sign > 0)
    .slice(0, 3)
    .map(({ name, saves }) => `${name} ${amount(Math.abs(saves), verdict.by)}`)
    .join(', ');
}

function boldLead(text: string, { paint }: Screen): string {
  const end = text.search(/[:,.]/);
  return end < 0 ? text : `${paint('strong', text.slice(0, end))}${text.slice(end)}`;
}

/** The same workflows billed as several models on a terminal: for each, what to use and what a run then costs. */
export function modelsText(summaries: readonly Summary[], screen: Screen, next: string): string {
  const points = new Map(
    summaries.flatMap(({ verdicts }) => verdicts.map((verdict) => [pointKey(verdict), verdict.scenario])),
  );
  const table = tableOf(
    [...points],
    [
      ['workflow', ([, scenario]) => showUntrusted(scenario)],
      ...summaries.map(
        ({ model, verdicts }) =>
          [model, ([key]) => advice(verdicts.find((each) => pointKey(each) === key)), 'l'] as Column<
            [string, string]
          >,
      ),
    ],
  );
  const note = 'What to use, and what a run costs. Played by a script for each model: nothing was spent.';
  const lines = (text: string) => wrap(text, { columns: screen.columns }).join('\n');
  return `\n${[terminalTable(table, screen), screen.paint('faint', lines(note)), lines(next)].join('\n\n')}\n`;
}

function advice(verdict: Verdict | undefined): string {
  if (!verdict) return '-';
  const { pattern, sides, by } = verdict;
  const side = pattern === 'classic' || pattern === 'code' ? sides[pattern] : undefined;
  if (!side) return pattern === 'insufficient' ? 'unclear' : pattern;
  return side.value === null ? side.name : `${side.name} ${amount(side.value, by)}`;
}
