import { wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { bound, number, seconds, times, whole } from '../../harness/numbers.ts';
import type { Projection } from '../../harness/results/projection.ts';
import { tallyTrials } from '../../harness/results/reading.ts';
import type { Result, Summary, Verdict } from '../../harness/results/summary.ts';
import type { Ratio, SideFigures } from '../../harness/results/verdict.ts';
import { showUntrusted } from '../../harness/visible.ts';
import { describeWorkload, projectionLines } from '../projection.ts';
import type { Table } from '../text/markup.ts';
import { cut, pad, type Screen, terminalTable, widthOf, wrap } from '../text/terminal.ts';
import { amount } from '../text/words.ts';
import { flipSentences } from './flips.ts';
import { describeMoney } from './notes.ts';
import { comparedResults, correctness, failureNotes } from './tables.ts';
import { causesOf } from './verdict.ts';
import { describeRun, type RunReport, type Section } from './view.ts';

/** Lines of the view of a run, and of one workflow, where their notes fit. */
const mostLines = { run: 30, workflow: 20 };
/** Lines for notes, however many workflows there are. */
const leastNotes = 12;

/** What comes after a view, such as the command that shows the rest. */
type More = { details: boolean; next: string; workload?: Projection | undefined };

/**
 * A run on a terminal: a line for each workflow, what was not right, what would change the advice, and the answer last. One workflow
 * alone is shown with its figures. `details` adds the bill and everything else that reports say.
 */
export function toTerminal(summary: Summary, screen: Screen, { details, next, workload }: More): string {
  const report = describeRun(summary, write);
  const [only, ...others] = report.sections;
  const further = showFurther(report, summary, screen, workload);
  const lines = [
    ...(report.partial === undefined ? [] : wrap(screen.paint('bad', report.partial), indented(screen))),
    ...(only && others.length === 0
      ? showWorkflow(only, further, screen, details)
      : showAll(report, summary, { further, details }, screen)),
    ...(details ? showDetails(report, screen) : wrap(next, indented(screen))),
  ];
  return `\n${lines.join('\n')}\n`;
}

const write = (text: string): string => showUntrusted(text.replace(/\s+/g, ' '));

const indented = ({ columns }: Screen) => ({ columns, indent: '  ' });

const marks: Record<Verdict['pattern'], string> = {
  classic: '○',
  code: '◆',
  either: '=',
  neither: '✗',
  insufficient: '?',
};

const patternInk = (pattern: Verdict['pattern'] | undefined) =>
  pattern === 'classic' || pattern === 'code' ? pattern : 'faint';

/** A cell of the overview before it is coloured, so that its width counts. */
type Cell = { text: string; ink?: Parameters<Screen['paint']>[0] };

function showAll(
  report: RunReport,
  summary: Summary,
  { further, details }: { further: readonly string[]; details: boolean },
  screen: Screen,
): string[] {
  const { sections } = report;
  const rows = sections.map((section) => overviewRow(section, sections));
  const table = [
    ['workflow', 'use', 'classic', 'code', 'the other costs', 'right'].map(
      (text): Cell => ({ text, ink: 'faint' }),
    ),
    ...rows,
  ];
  const headline = wrap(`${headlineOf(sections, screen)} ${describeRight(summary)}`, indented(screen));
  const basis = wrap(describeMoney(summary), indented(screen)).map((line) => screen.paint('faint', line));
  const fixed = table.length + headline.length + basis.length + 4;
  const notes = showNotes(sections, details ? Infinity : Math.max(leastNotes, mostLines.run - fixed), screen);
  return [...showTable(table, screen), ...notes, ...further, '', ...basis, '', ...headline];
}

function overviewRow(section: Section, all: readonly Section[]): Cell[] {
  const { scenario, params, verdict } = section;
  const isAlone = all.filter((each) => each.scenario === scenario).length === 1;
  const name = isAlone ? scenario : `${scenario} ${params.join(' ')}`;
  if (!verdict) return [{ text: name }, { text: 'outstanding', ink: 'faint' }];
  const { pattern, sides } = verdict;
  const ink = patternInk(pattern);
  const used = pattern === 'classic' || pattern === 'code' ? sides[pattern]?.name : undefined;
  return [
    { text: name },
    { text: `${marks[pattern]} ${used ?? (pattern === 'insufficient' ? 'unclear' : pattern)}`, ink },
    costCell(section, 'classic'),
    costCell(section, 'code'),
    { text: otherCosts(verdict) },
    rightCell(verdict),
  ];
}

function costCell({ results, verdict }: Section, side: 'classic' | 'code'): Cell {
  const figures = verdict?.sides[side];
  if (!verdict || !figures) return { text: '-', ink: 'faint' };
  if (figures.right === 0) return { text: missing(results, figures), ink: 'bad' };
  const text = figures.value === null ? 'unpriced' : amount(figures.value, verdict.by);
  return verdict.pattern === side ? { text, ink: 'strong' } : { text };
}

/** Why a side has no right answer, in a word. */
function missing(results: readonly Result[], { name }: SideFigures): string {
  const status = results.find(({ variant }) => variant === name)?.status;
  return status === 'completed' ? 'wrong' : 'no answer';
}

/** What the dearer side costs, as a multiple of the other. */
function otherCosts({ ratio, sides: { classic, code }, because }: Verdict): string {
  if (!ratio || !classic || !code || classic.right === 0 || code.right === 0) return '-';
  const { value, low, high } = ratio.value >= 1 ? ratio : inverse(ratio);
  const factor = because.kind === 'equivalent' ? 'same' : `${times(value)}x`;
  return `${factor} ${bound(low)}-${bound(high)}`;
}

function inverse({ value, low, high }: Ratio): Ratio {
  return { value: 1 / value, low: 1 / high, high: 1 / low };
}

function rightCell({ basis, sides: { classic, code } }: Verdict): Cell {
  if (!classic || !code) return { text: '' };
  if (classic.share === 1 && code.share === 1) return { text: 'both' };
  if (basis === 'sampled') return { text: `${countRight(classic)} ${countRight(code)}` };
  const right = [...(classic.right > 0 ? ['classic'] : []), ...(code.right > 0 ? ['code'] : [])];
  return { text: right[0] ?? 'none', ink: 'bad' };
}

const countRight = ({ right, trials }: SideFigures) => `${number(right)}/${trials}`;

/** Columns as wide as their cells; names give way where the screen is too narrow. */
function showTable(rows: Cell[][], { columns, paint }: Screen): string[] {
  const gap = 2;
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => widthOf(row[at]?.text ?? ''))));
  const excess = widths.reduce((sum, width) => sum + width + gap, 0) - columns;
  widths[0] = Math.max(12, (widths[0] ?? 0) - Math.max(0, excess));
  return rows.map((row) =>
    row
      .map(({ text, ink }, at) => {
        const shown = pad(cut(text, widths[at] ?? 0), widths[at] ?? 0, at === 2 || at === 3 ? 'r' : 'l');
        return `${' '.repeat(gap)}${ink ? paint(ink, shown) : shown}`;
      })
      .join('')
      .trimEnd(),
  );
}

/** Notes under a heading: of each workflow that has one. */
type Note = { heading: string; ink: Cell['ink']; entries: { scenario: string; text: string }[] };

function notesOn(sections: readonly Section[]): Note[] {
  const of = (pick: (section: Section) => string | undefined) =>
    sections.flatMap((section) => {
      const text = pick(section);
      return text === undefined || text === '' ? [] : [{ scenario: section.scenario, text }];
    });
  return [
    { heading: 'Not right', ink: 'bad', entries: of(notRight) },
    {
      heading: 'No answer yet',
      ink: 'bad',
      entries: of(({ verdict }) =>
        verdict?.pattern === 'insufficient'
          ? write(verdict.reason).replace(/^No answer( yet)?: /, '')
          : undefined,
      ),
    },
    {
      heading: 'Close calls',
      ink: 'strong',
      entries: of(({ verdict, flips }) =>
        verdict?.pattern === 'insufficient' ? undefined : flips?.close.join('; '),
      ),
    },
    { heading: 'Changes with size', ink: 'strong', entries: of(({ flips }) => flips?.sizes.join('; ')) },
  ];
}

/** Which variants of those that represent their patterns were not right, with the reason of the first. */
function notRight({ results, verdict, wrong }: Section): string | undefined {
  if (wrong.length === 0 || !verdict) return undefined;
  const sides = [verdict.sides.classic?.name, verdict.sides.code?.name];
  const failed = results.filter(({ correct, variant }) => correct !== 1 && sides.includes(variant));
  if (failed.length === 0) return undefined;
  return failed.map(({ variant, reason }) => `${variant}: ${write(reason)}`).join(' ');
}

/** As many notes as there is room for, the most important first; what is left out is counted. */
function showNotes(sections: readonly Section[], room: number, screen: Screen): string[] {
  const lines: string[] = [];
  let left = room;
  for (const { heading, ink = 'strong', entries } of notesOn(sections)) {
    if (entries.length === 0 || left < 3) continue;
    const shown = [];
    left -= 2;
    for (const [index, { scenario, text }] of entries.entries()) {
      const own = wrap(`${scenario}: ${text}`, {
        columns: screen.columns,
        indent: '      ',
        first: '    ',
        most: 2,
      });
      const isLast = index === entries.length - 1;
      if (own.length > left - (isLast ? 0 : 1)) {
        shown.push(`    … and ${entries.length - index} more`);
        left -= 1;
        break;
      }
      shown.push(...own);
      left -= own.length;
    }
    lines.push('', `  ${screen.paint(ink, heading)}`, ...shown);
  }
  return lines;
}

/** The answer to the run's question in a sentence or two. */
function headlineOf(sections: readonly Section[], { paint }: Screen): string {
  const of = (pattern: Verdict['pattern']) =>
    sections.filter(({ verdict }) => verdict?.pattern === pattern).map(({ scenario }) => scenario);
  const [code, classic] = [of('code'), of('classic')];
  const [most, fewer] =
    code.length >= classic.length ? (['code', 'classic'] as const) : (['classic', 'code'] as const);
  const name = (names: string[]) => (names.length > 3 ? `${names.length} workflows` : names.join(', '));
  const lead =
    of(most).length === 0
      ? 'No pattern is recommended.'
      : `Use ${most} for ${of(most).length} of ${sections.length} workflows.`;
  const rest = [
    ...(of(fewer).length > 0 ? [`Use ${fewer} for ${name(of(fewer))}.`] : []),
    ...(of('either').length > 0 ? [`Either will do for ${name(of('either'))}.`] : []),
    ...(of('neither').length > 0 ? [`Use neither for ${name(of('neither'))}.`] : []),
    ...(of('insufficient').length > 0 ? [`Unclear: ${name(of('insufficient'))}.`] : []),
  ];
  return [paint('strong', lead), ...rest].join(' ');
}

function describeRight(summary: Summary): string {
  const { planned, correct, errored, notRun } = tallyTrials(summary);
  const judged = planned - errored - notRun;
  const lost = errored > 0 ? ` ${number(errored)} trials could not be measured.` : '';
  if (correct === judged) return `All ${number(judged)} answers were right.${lost}`;
  return `${number(correct)} of ${number(judged)} answers were right.${lost}`;
}

function showWorkflow(
  section: Section,
  further: readonly string[],
  screen: Screen,
  details: boolean,
): string[] {
  const { scenario, params, results, verdict } = section;
  const { paint, columns } = screen;
  const head = wrap(`${paint('strong', scenario)}  ${paint('faint', params.join(' '))}`, indented(screen));
  const figures = workflowTable(results, verdict);
  const body = terminalTable(figures, { ...screen, columns: columns - 2 })
    .split('\n')
    .map((line) => `  ${line}`);
  const hasWhole = comparedOf(results, verdict).some((result) => wholeJob(result).hypothetical);
  const labelled = (label: string, text: string, most?: number) =>
    wrap(text, {
      columns,
      indent: ' '.repeat(14),
      first: `  ${paint('faint', pad(label, 12))}`,
      ...(most !== undefined && { most }),
    });
  const why = verdict ? showWhy(verdict, labelled) : [];
  const wrong = section.wrong.flatMap((text) => labelled('Not right', text, details ? undefined : 6));
  const noted = failureNotes(comparedOf(results, verdict)).flatMap((text) => labelled('Noted', text, 3));
  const changes = section.flips?.would.length
    ? labelled('Changes', section.flips.would.join('; '), details ? undefined : 3)
    : [];
  const ruling = verdict
    ? wrap(boldLead(write(verdict.reason), screen), { ...indented(screen), most: 4 })
    : ['  Outstanding; not every trial has ended.'];
  const fixed = [head, body, why, wrong, noted, changes, ruling].reduce(
    (sum, lines) => sum + lines.length,
    0,
  );
  const room = mostLines.workflow - fixed - (hasWhole ? 1 : 0) - 5;
  const holds = section.flips?.wouldNot.length
    ? labelled('Holds', section.flips.wouldNot.join('; '), details ? undefined : Math.max(1, room))
    : [];
  return [
    ...head,
    '',
    ...body,
    ...(hasWhole ? [paint('faint', '  * had there been no context window')] : []),
    '',
    ...wrong,
    ...noted,
    ...why,
    ...holds,
    ...changes,
    ...further,
    ...(wrong.length + noted.length + why.length + holds.length + changes.length > 0 ? [''] : []),
    ...ruling,
  ];
}

/** The columns of one workflow: the two sides; all variants where there is no verdict on two. */
function comparedOf(results: Result[], verdict: Verdict | undefined): Result[] {
  const { classic, code } = verdict?.sides ?? {};
  if (!classic || !code) return comparedResults(results, verdict).slice(0, 4);
  return results.filter(({ variant }) => variant === classic.name || variant === code.name);
}

function workflowTable(results: Result[], verdict: Verdict | undefined): Table {
  const shown = comparedOf(results, verdict);
  const row = (name: string, cell: (figures: ReturnType<typeof wholeJob>, star: string) => string) => [
    name,
    ...shown.map((result) => {
      const figures = wholeJob(result);
      return cell(figures, figures.hypothetical ? '*' : '');
    }),
  ];
  return {
    headings: [
      '',
      ...shown.map(({ variant, pattern }) => `${pattern === 'hybrid' ? '' : `${marks[pattern]} `}${variant}`),
    ],
    align: ['l', ...shown.map(() => 'r' as const)],
    rows: [
      row('cost of a run', ({ costUsd }, star) =>
        costUsd ? `${amount(Math.min(costUsd.cached, costUsd.uncached), 'cost')}${star}` : 'unpriced',
      ),
      ['right', ...shown.map(correctness)],
      row('model time, modelled', ({ latencyMs }, star) => `${seconds(latencyMs.modelled)}${star}`),
      row('round trips', ({ roundTrips }, star) => `${number(roundTrips)}${star}`),
      row('tokens billed', ({ tokens }, star) => `${whole(tokens.billed)}${star}`),
    ],
  };
}

function showWhy(verdict: Verdict, labelled: (label: string, text: string) => string[]): string[] {
  const causes = causesOf(verdict);
  const list = (sign: 1 | -1) =>
    causes
      .filter(({ saves }) => saves * sign > 0)
      .slice(0, 3)
      .map(({ name, saves }) => `${name} ${amount(Math.abs(saves), verdict.by)}`)
      .join(', ');
  const [saved, added] = [list(1), list(-1)];
  return [...(saved ? labelled('Code saves', saved) : []), ...(added ? labelled('Code adds', added) : [])];
}

function boldLead(text: string, { paint }: Screen): string {
  const end = text.search(/[:,.]/);
  return end < 0 ? text : `${paint('strong', text.slice(0, end))}${text.slice(end)}`;
}

/** What is said of the run as a whole, where there is something. */
function showFurther(
  { selfComparison, client }: RunReport,
  { forced = [], verdicts }: Summary,
  screen: Screen,
  workload: Projection | undefined,
): string[] {
  const item = (text: string) => wrap(text, { columns: screen.columns, indent: '      ', first: '    ' });
  const under = (heading: string, texts: readonly string[]) => [
    '',
    `  ${screen.paint('strong', heading)}`,
    ...texts.flatMap(item),
  ];
  return [
    ...(forced.length > 0 ? under('Resumed although something had changed', forced.map(write)) : []),
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
  const tables = [section.figures, section.ladder, section.statistics, section.criteria];
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
