import { stripVTControlCharacters, styleText } from 'node:util';
import { showUntrusted } from '../../harness/visible.ts';
import { alignOf, type Table } from './table.ts';

/** What a text is, for its colour. Words say the same: without colour nothing is lost. */
type Ink = 'classic' | 'code' | 'good' | 'bad' | 'strong' | 'faint';

/** How text for a terminal is written: its width in columns, and how its parts are coloured. */
export type Screen = { columns: number; paint: (ink: Ink, text: string) => string };

const styles = {
  classic: 'yellow',
  code: 'blue',
  good: 'green',
  bad: 'red',
  strong: 'bold',
  faint: 'dim',
} as const;

/**
 * A screen of so many columns, 80 unless it is narrower or wider: lines longer than 100 are hard to read. Where the size is
 * not known, it is 0.
 */
export function screenOf(columns: number | undefined, hasColour: boolean): Screen {
  return {
    columns: Math.min(100, Math.max(40, columns || 80)),
    paint: (ink, text) =>
      hasColour && text !== '' ? styleText(styles[ink], text, { validateStream: false }) : text,
  };
}

/** Text from servers and scenarios, on one line, that cannot steer the terminal. */
export function plain(text: string): string {
  return showUntrusted(text.replace(/\s+/g, ' '));
}

let segmenter: Intl.Segmenter | undefined;

/** What a reader sees as one character each. The segmenter takes 50 ms to make: only where it is needed. */
function graphemes(text: string): Iterable<{ segment: string }> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** East Asian wide and fullwidth characters, by block. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

/** Latin letters, punctuation and the shapes that stand for patterns: one column each, and whole by themselves. */
const narrow = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u25a0-\u25ff]*$/;

/** Columns that a text takes on a terminal, colours not counted. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (narrow.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes(plain)) {
    if (!/^\p{M}/u.test(segment)) width += wide.test(segment) ? 2 : 1;
  }
  return width;
}

/** Fills a text with spaces to a width, on the right, or on the left for figures. */
export function pad(text: string, width: number, align: 'l' | 'r' = 'l'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'l' ? text + space : space + text;
}

/** The beginning of a text that fits a width; `…` says that it went on. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let shown = '';
  for (const { segment } of graphemes(text)) {
    if (widthOf(shown + segment) > width - 1) break;
    shown += segment;
  }
  return `${shown}…`;
}

/** Both ends of a text that fits a width, with `…` between them: names of one family begin alike. */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const start = cut(text, Math.ceil((width + 1) / 2));
  const parts = [...graphemes(text)].map(({ segment }) => segment);
  let end = '';
  for (const part of parts.reverse()) {
    if (widthOf(start + part + end) > width) break;
    end = part + end;
  }
  return start + end;
}

/** How a text is broken into lines: at spaces, the first after `first`, the others after `indent`; at most so many. */
type Wrapping = { columns: number; indent?: string; first?: string; most?: number };

/** Every line of a view stands a little in from the edge. */
export function indented({ columns }: Screen): Wrapping {
  return { columns, indent: '  ' };
}

/**
 * Breaks a text into lines; words that are longer than a line are broken within names, then cut. Where there are more lines
 * than `most`, `…` says so.
 */
export function wrap(text: string, { columns, indent = '', first = indent, most }: Wrapping): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    const isLong = widthOf(word) > columns - widthOf(indent);
    for (const [at, piece] of (isLong ? namePartsOf(word) : [word]).entries()) {
      const space = isEmpty || at > 0 ? '' : ' ';
      if (!isEmpty && widthOf(line) + space.length + widthOf(piece) > columns) {
        lines.push(line);
        line = indent;
        isEmpty = true;
      }
      line += `${isEmpty ? '' : space}${cut(piece, columns - widthOf(isEmpty ? line : indent))}`;
      isEmpty = false;
    }
  }
  lines.push(line);
  if (most === undefined || lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  const last = kept.pop() ?? '';
  return [...kept, `${cut(last, columns - 1).replace(/[ ,;:…]+$/, '')}…`];
}

/** The parts of a compound name, such as `classic-` and `search`, or `github.` `list_` and `issues`. */
function namePartsOf(word: string): string[] {
  return word.split(/(?<=[a-z][-_./])(?=[a-z])/i);
}

/** No column of text gets narrower than this where a table does not fit, nor one of figures than that. */
const narrowest = { l: 12, r: 6 };

/** Spaces between columns. */
const gap = 2;

/**
 * A table as aligned columns. Where it is wider than the screen, columns of text are broken into lines. Figures that still do not
 * fit are turned: a row for each heading. At last the widest columns lose characters.
 */
export function terminalTable(table: Table, screen: Screen): string {
  const { columns, paint } = screen;
  const fits = (widths: readonly number[]) => sum(widths) + gap * (widths.length - 1) <= columns;
  const widths = narrowed(table, fits);
  if (!fits(widths) && table.headings.slice(1).every((_, at) => alignOf(table, at + 1) === 'r')) {
    const turned = turn(table);
    const narrow = narrowed(turned, fits);
    if (fits(narrow)) return drawTable(turned, narrow, paint);
  }
  while (!fits(widths)) {
    const shrinkable = (kind: 'l' | 'r') =>
      widths.map((width, at) => (alignOf(table, at) === kind && width > narrowest[kind] ? width : 0));
    const texts = shrinkable('l');
    const widest = sum(texts) > 0 ? texts : shrinkable('r');
    const most = Math.max(...widest);
    if (most === 0) break;
    widths[widest.indexOf(most)] = most - 1;
  }
  return drawTable(table, widths, paint);
}

/** The same as lines that stand as far in from the edge as all lines of a view. */
export function indentedTable(table: Table, screen: Screen): string[] {
  const lines = terminalTable(table, { ...screen, columns: screen.columns - 2 }).split('\n');
  return lines.map((line) => `  ${line}`);
}

/**
 * Widths of columns, each wide enough for its longest word. Those of text are narrowed until the table fits: at each step the
 * column in which the fewest cells are then broken.
 */
function narrowed(table: Table, fits: (widths: readonly number[]) => boolean): number[] {
  const { headings, rows } = table;
  const cells = headings.map((heading, at) => [heading, ...rows.map((row) => row[at] ?? '')]);
  const cellWidths = cells.map((texts) => texts.map(widthOf));
  const widths = cellWidths.map((each) => Math.max(...each));
  const broken = (at: number) => cellWidths[at]?.filter((width) => width >= (widths[at] ?? 0)).length ?? 0;
  // Names stay whole where breaking at spaces is enough.
  for (const partsOf of [(word: string) => [word], namePartsOf]) {
    const least = cells.map((texts, at) =>
      alignOf(table, at) === 'r'
        ? Number.POSITIVE_INFINITY
        : Math.max(...texts.flatMap((text) => text.split(' ').flatMap(partsOf)).map(widthOf)),
    );
    while (!fits(widths)) {
      const spare = widths.flatMap((width, at) => (width > (least[at] ?? 0) ? [at] : []));
      const [next] = spare.sort((a, b) => broken(a) - broken(b) || (widths[b] ?? 0) - (widths[a] ?? 0));
      if (next === undefined) break;
      widths[next] = (widths[next] ?? 0) - 1;
    }
  }
  return widths;
}

function turn({ headings, rows }: Table): Table {
  const [corner = '', ...others] = headings;
  return {
    headings: [corner, ...rows.map(([name = '']) => name)],
    rows: others.map((heading, at) => [heading, ...rows.map((row) => row[at + 1] ?? '')]),
  };
}

function drawTable(table: Table, widths: readonly number[], paint: Screen['paint']): string {
  const { headings, rows } = table;
  const line = (row: readonly string[]) => {
    const cells = headings.map((_, at) => wrap(row[at] ?? '', { columns: widths[at] ?? 0 }));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, index) =>
      cells
        .map((cell, at) => pad(cell[index] ?? '', widths[at] ?? 0, alignOf(table, at)))
        .join(' '.repeat(gap))
        .trimEnd(),
    );
  };
  return [...line(headings).map((text) => paint('faint', text)), ...rows.flatMap(line)].join('\n');
}

/**
 * Markdown that was written here, as it reads on a terminal: headings and tables without their marks, notes faint, lines no longer
 * than the screen. It knows what reports use: headings, tables, lists, `**strong**` and whole lines in `_…_`.
 */
export function onScreen(markdown: string, screen: Screen): string {
  const lines = markdown.split('\n');
  const shown: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (!line.startsWith('|')) {
      shown.push(...showLine(line, screen));
      continue;
    }
    const rows: string[][] = [];
    for (; lines[at]?.startsWith('|'); at += 1) rows.push(cellsOf(lines[at] ?? ''));
    at -= 1;
    const [headings = [], marks = [], ...body] = rows;
    const align = marks.map((mark) => (mark.endsWith('-:') ? ('r' as const) : ('l' as const)));
    shown.push(terminalTable({ headings, align, rows: body }, screen));
  }
  return shown.join('\n');
}

/** Cells of a row; a pipe that is part of one is escaped. */
function cellsOf(row: string): string[] {
  const cells = row
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/);
  return cells.map((cell) => unmark(cell.trim()));
}

const unmark = (text: string): string =>
  text.replace(/\*\*(.+?)\*\*/g, '$1').replace(/\\([\\`*<>[\]|_])/g, '$1');

function showLine(line: string, { columns, paint }: Screen): string[] {
  const heading = /^#+ (.*)$/.exec(line)?.[1];
  if (heading !== undefined) return wrap(unmark(heading), { columns }).map((each) => paint('strong', each));
  const note = /^_(.*)_$/.exec(line)?.[1];
  if (note !== undefined) return wrap(unmark(note), { columns }).map((each) => paint('faint', each));
  // Lines that stand in from the edge are laid out already.
  if (line.startsWith(' ') || line.length <= columns) return [unmark(line)];
  return wrap(unmark(line), { columns, first: '', indent: /^[-*] /.test(line) ? '  ' : '' });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
