import type { Projection } from '../../harness/results/projection.ts';
import type { Summary } from '../../harness/results/summary.ts';
import { describeWorkload, projectionLines } from '../projection.ts';
import type { Table } from '../text/markup.ts';
import { indented, plain, type Screen, terminalTable, wrap } from '../text/terminal.ts';
import { flipSentences } from './flips.ts';
import { describeConditions } from './notes.ts';
import { showWorkflow } from './one-workflow.ts';
import { showAll } from './overview.ts';
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
  const before =
    report.partial === undefined ? [] : wrap(screen.paint('bad', report.partial), indented(screen));
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
  { forced = [], verdicts, conditions }: Summary,
  screen: Screen,
  workload: Projection | undefined,
): string[] {
  const [only, ...others] = sections;
  const item = (text: string) => wrap(text, { columns: screen.columns, indent: '      ', first: '    ' });
  const under = (heading: string, texts: readonly string[]) => [
    '',
    `  ${screen.paint('strong', heading)}`,
    ...texts.flatMap(item),
  ];
  const table = (each: Table) => {
    const inner = { ...screen, columns: screen.columns - 2 };
    return [
      '',
      ...terminalTable(each, inner)
        .split('\n')
        .map((line) => `  ${line}`),
    ];
  };
  return [
    ...(conditions ? under('Added to the world of the workflows', describeConditions(conditions)) : []),
    ...(only?.faults && others.length === 0 ? table(only.faults) : []),
    ...(forced.length > 0 ? under('Resumed although something had changed', forced.map(plain)) : []),
    ...(selfComparison ? under('Each variant against itself', [selfComparison.claim]) : []),
    ...(client ? under(client.heading, client.rulings) : []),
    ...(workload ? under(describeWorkload(workload), projectionLines(workload, verdicts)) : []),
  ];
}

/** Everything that reports say of a run, as tables and lines. */
function showDetails({ sections, selfComparison, client, method }: RunReport, screen: Screen): string[] {
  const blocks = sections.flatMap((section) => detailsOf(section, screen));
  const all = [
    ...blocks,
    ...(selfComparison ? [lines(selfComparison.comparisons, screen)] : []),
    ...(client
      ? [terminalTable(client.figures, screen), lines([client.basis, ...client.facts], screen)]
      : []),
    lines(method, screen),
  ];
  return all.filter((block) => block !== '').flatMap((block) => ['', block]);
}

function detailsOf(section: Section, screen: Screen): string[] {
  const { figures, ladder, canaries, faults, approvals, statistics, criteria } = section;
  const tables = [figures, ladder, canaries, faults, approvals, statistics, criteria];
  return [
    screen.paint('strong', [section.scenario, ...section.params].join(' ')),
    ...tables.map((table) => (table ? terminalTable(table, screen) : '')),
    lines(
      [
        ...section.failures,
        ...section.trialNotes,
        ...section.providerNotes,
        ...(section.ruling === undefined ? [] : [section.ruling]),
        ...section.why,
        ...(section.flips ? flipSentences(section.flips) : []),
      ],
      screen,
    ),
  ];
}

function lines(texts: readonly string[], { columns }: Screen): string {
  return texts.flatMap((text) => wrap(text, { columns, first: '- ', indent: '  ' })).join('\n');
}
