import { type Screen, terminalTable, wrap } from './terminal.ts';

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
