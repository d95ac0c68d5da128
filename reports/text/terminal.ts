import { stripVTControlCharacters, styleText } from 'node:util';
import { showUntrusted } from '../../harness/visible.ts';
import type { Table } from './markup.ts';

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

/** A screen of so many columns, 80 unless it is narrower or wider: lines longer than 100 are hard to read. */
export function screenOf(columns: number | undefined, hasColour: boolean): Screen {
  return {
    columns: Math.min(100, Math.max(40, columns ?? 80)),
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

/** Columns that a text takes on a terminal, colours not counted. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
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

/** Breaks a text into lines; words that are longer than a line are cut. Where there are more than `most`, `…` says so. */
export function wrap(text: string, { columns, indent = '', first = indent, most }: Wrapping): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += `${isEmpty ? '' : ' '}${cut(word, columns - widthOf(isEmpty ? line : indent))}`;
    isEmpty = false;
  }
  lines.push(line);
  if (most === undefined || lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  const last = kept.pop() ?? '';
  return [...kept, `${cut(last, columns - 1).replace(/[ ,;:…]+$/, '')}…`];
}

/** No column of text gets narrower than this where a table does not fit. */
const narrowest = 12;

/**
 * A table as aligned columns. Where it is wider than the screen, its widest columns of text are broken into lines, then its widest
 * figures.
 */
export function terminalTable({ headings, align, rows }: Table, { columns, paint }: Screen): string {
  const gap = 2;
  const all = [headings, ...rows];
  const widths = headings.map((_, at) => Math.max(...all.map((row) => widthOf(row[at] ?? ''))));
  const whole = () => widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1);
  while (whole() > columns) {
    const texts = widths.map((width, at) => (align[at] === 'l' && width > narrowest ? width : 0));
    const shrinkable = Math.max(...texts) > 0 ? texts : widths.map((width) => (width > 6 ? width : 0));
    const widest = Math.max(...shrinkable);
    if (widest === 0) break;
    widths[shrinkable.indexOf(widest)] = widest - 1;
  }
  const line = (row: readonly string[]) => {
    const cells = headings.map((_, at) => wrap(row[at] ?? '', { columns: widths[at] ?? 0 }));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, index) =>
      cells
        .map((cell, at) => pad(cell[index] ?? '', widths[at] ?? 0, align[at]))
        .join(' '.repeat(gap))
        .trimEnd(),
    );
  };
  return [...line(headings).map((text) => paint('faint', text)), ...rows.flatMap(line)].join('\n');
}
