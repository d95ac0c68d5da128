import { showHidden } from '../harness/directory/visible.ts';
import type { Table } from './table.ts';

/** Text that HTML takes for nothing but text, in elements and in quoted attributes, with nothing hidden in it. */
export function escapeHtml(text: string): string {
  return showHidden(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Longer cells are broken into lines; shorter ones are figures, which are read whole. */
const longestUnbroken = 40;

/**
 * A table whose cells are HTML already. The first cell of each row is its heading. What does not fit the width of the page is
 * scrolled to, with the keyboard too; `label` tells those who do not see it what it is.
 */
export function htmlTable({ headings, align, rows }: Table, label: string): string {
  const attributes = (column: number) => (align[column] === 'l' ? ' class="text"' : '');
  const head = headings.map((heading, at) => `<th scope="col"${attributes(at)}>${heading}</th>`).join('');
  const body = rows.map((cells) => {
    const [first = '', ...others] = cells;
    const rest = others.map((cell, at) => `<td${attributes(at + 1)}>${cell}</td>`).join('');
    return `<tr><th scope="row">${first}</th>${rest}</tr>`;
  });
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}">
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
</div>`;
}

/** A table of text as HTML. */
export function toHtmlTable({ headings, align, rows }: Table, label: string): string {
  const cell = (text: string) =>
    text.length > longestUnbroken ? `<span class="long">${escapeHtml(text)}</span>` : escapeHtml(text);
  return htmlTable(
    { headings: headings.map(escapeHtml), align, rows: rows.map((row) => row.map(cell)) },
    label,
  );
}

/** A list of text as HTML; nothing where there is none. */
export function htmlList(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `<ul>\n${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('\n')}\n</ul>`;
}
