import { bound, number, times } from '../../harness/numbers.ts';
import { tallyTrials } from '../../harness/results/reading.ts';
import type { Result, Summary, Verdict } from '../../harness/results/summary.ts';
import { inverse, type SideFigures } from '../../harness/results/verdict.ts';
import { present } from '../text/table.ts';
import { cutMiddle, indented, pad, plain, type Screen, widthOf, wrap } from '../text/terminal.ts';
import { amount, marks } from '../text/words.ts';
import { describeMoney } from './notes.ts';
import { type Section, whyNotRight } from './view.ts';

/** Lines of the overview, where its notes fit. */
const mostLines = 30;
/** Lines for notes, however many workflows there are. */
const leastNotes = 12;

const patternInk = (pattern: Verdict['pattern'] | undefined) =>
  pattern === 'classic' || pattern === 'code' ? pattern : 'faint';

/** A cell of the overview before it is coloured, so that its width counts. */
type Cell = { text: string; ink?: Parameters<Screen['paint']>[0] };

/** What stands beside the view: what is said of the whole run, whether all is shown, and how many lines come before and after. */
export type Around = { further: readonly string[]; details: boolean; lines: number };

/** Every workflow in a line, what is to be noted of them, and the answer last. `further` is said of the whole run. */
export function showAll(
  sections: readonly Section[],
  summary: Summary,
  { further, details, lines }: Around,
  screen: Screen,
): string[] {
  const rows = sections.map((section) => overviewRow(section, sections));
  const table = [
    ['workflow', 'use', 'classic', 'code', 'the other costs', 'right'].map(
      (text): Cell => ({ text, ink: 'faint' }),
    ),
    ...rows,
  ];
  const headline = wrap(`${headlineOf(sections, screen)} ${describeRight(summary)}`, indented(screen));
  const basis = wrap(describeMoney(summary), indented(screen)).map((line) => screen.paint('faint', line));
  const fixed = [table, further, [''], basis, [''], headline].flat().length + lines;
  const notes = showNotes(sections, details ? Infinity : Math.max(leastNotes, mostLines - fixed), screen);
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

function rightCell({ basis, sides: { classic, code } }: Verdict): Cell {
  if (!classic || !code) return { text: '' };
  if (classic.share === 1 && code.share === 1) return { text: 'both' };
  if (basis === 'sampled') return { text: `${countRight(classic)} ${countRight(code)}` };
  return { text: classic.right > 0 ? 'classic' : code.right > 0 ? 'code' : 'none', ink: 'bad' };
}

const countRight = ({ right, trials }: SideFigures) => `${number(right)}/${trials}`;

/**
 * Columns as wide as their cells. Where the screen is too narrow, names give way, after the last column where costs say it too: a
 * side without a right answer has none.
 */
function showTable(all: Cell[][], { columns, paint }: Screen): string[] {
  const gap = 2;
  const widthsOf = (rows: Cell[][]) =>
    (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => widthOf(row[at]?.text ?? ''))));
  const excessOf = (widths: number[]) =>
    Math.max(0, widths.reduce((sum, width) => sum + width + gap, 0) - columns);
  const hasCounts = all.some((row) => row[5]?.text.includes('/'));
  const rows = excessOf(widthsOf(all)) > 0 && !hasCounts ? all.map((row) => row.slice(0, 5)) : all;
  const widths = widthsOf(rows);
  widths[0] = Math.max(12, (widths[0] ?? 0) - excessOf(widths));
  return rows.map((row) =>
    row
      .map(({ text, ink }, at) => {
        const width = widths[at] ?? 0;
        const fitting = at === 0 ? cutMiddle(text, width) : text;
        const shown = pad(fitting, width, at === 2 || at === 3 ? 'r' : 'l');
        return `${' '.repeat(gap)}${ink ? paint(ink, shown) : shown}`;
      })
      .join('')
      .trimEnd(),
  );
}

/** Notes under a heading: of each workflow that has one. */
type Note = {
  heading: string;
  ink: Parameters<Screen['paint']>[0];
  of: (section: Section) => string | undefined;
};

const notes: Note[] = [
  { heading: 'Not right', ink: 'bad', of: notRight },
  {
    heading: 'No answer yet',
    ink: 'bad',
    of: ({ verdict }) =>
      isOpen(verdict) ? plain(verdict.reason).replace(/^No answer( yet)?: /, '') : undefined,
  },
  {
    heading: 'Close calls',
    ink: 'strong',
    of: ({ verdict, flips }) => (isOpen(verdict) ? undefined : flips?.close.join('; ')),
  },
  { heading: 'Changes with size', ink: 'strong', of: ({ flips }) => flips?.sizes.join('; ') },
  { heading: 'A month', ink: 'strong', of: ({ month }) => month },
];

const isOpen = (verdict: Verdict | undefined): verdict is Verdict => verdict?.pattern === 'insufficient';

/** Which variants of those that represent their patterns were not right, and why. */
function notRight({ results, verdict, wrong }: Section): string | undefined {
  if (wrong.length === 0 || !verdict) return undefined;
  const sides = [verdict.sides.classic?.name, verdict.sides.code?.name];
  const compared = results.filter(({ variant }) => sides.includes(variant));
  return whyNotRight(compared, plain).join(' ');
}

/** As many notes as there is room for, the most important first; what is left out is counted. */
function showNotes(sections: readonly Section[], room: number, screen: Screen): string[] {
  const lines: string[] = [];
  let left = room;
  for (const { heading, ink, of } of notes) {
    const entries = sections.flatMap((section) => {
      const text = of(section);
      return text ? [{ scenario: section.scenario, text }] : [];
    });
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
  return present(
    paint('strong', lead),
    of(fewer).length > 0 && `Use ${fewer} for ${name(of(fewer))}.`,
    of('either').length > 0 && `Either will do for ${name(of('either'))}.`,
    of('neither').length > 0 && `Use neither for ${name(of('neither'))}.`,
    of('insufficient').length > 0 && `Unclear: ${name(of('insufficient'))}.`,
  ).join(' ');
}

function describeRight(summary: Summary): string {
  const { planned, correct, errored, notRun } = tallyTrials(summary);
  const judged = planned - errored - notRun;
  const lost = errored > 0 ? ` ${number(errored)} trials could not be measured.` : '';
  if (judged === 0) return `No trial was answered.${lost}`;
  if (correct === judged) return `All ${number(judged)} answers were right.${lost}`;
  return `${number(correct)} of ${number(judged)} answers were right.${lost}`;
}
