import { markdownTable } from 'markdown-table';
import { showHidden } from '../../harness/visible.ts';
import { alignOf, type Table } from './table.ts';

/** Text from servers and scenarios, on one line, with nothing hidden in it and without meaning to Markdown or HTML. */
export function inline(text: string): string {
  return showHidden(text.replace(/\s+/g, ' ')).replace(/[\\`*<>[\]|]/g, '\\$&');
}

/** A table as Markdown. */
export function toMarkdownTable(table: Table): string {
  const { headings, rows } = table;
  return markdownTable([headings, ...rows], { align: headings.map((_, at) => alignOf(table, at)) });
}

/** A drawing as a file: its name without ending, and what it shows in words. */
export type Picture = { name: string; alt: string; svg: string };

/** A picture in Markdown that lies beside it. */
export function showPicture({ name, alt }: Omit<Picture, 'svg'>): string {
  return `![${inline(alt)}](${encodeURIComponent(name)}.svg)`;
}

/** HTML or SVG that needs no escaping any more. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template of HTML: text is escaped, markup is not, and nothing stands for what is absent. */
export type Content = string | number | Markup | readonly Content[] | false | undefined;

/** Tag of a template: HTML or SVG in which all that is put in is text, unless it was made by this tag itself. */
export function html(parts: TemplateStringsArray, ...contents: Content[]): Markup {
  return new Markup(parts.reduce((before, part, index) => `${before}${toText(contents[index - 1])}${part}`));
}

function toText(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (content === undefined || content === false) return '';
  if (typeof content === 'object') return content.map(toText).join('');
  return showHidden(String(content)).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Longer cells are broken into lines; shorter ones are figures, which are read whole. */
const longestUnbroken = 40;

/**
 * A table as HTML. The first cell of each row is its heading. What does not fit the width of the page is scrolled to, with the
 * keyboard too; `label` tells those who do not see it what it is.
 */
export function htmlTable(table: Table<Content>, label: string): Markup {
  const { headings, rows } = table;
  const kind = (column: number) => alignOf(table, column) === 'l' && html` class="text"`;
  const cell = (content: Content) =>
    typeof content === 'string' && content.length > longestUnbroken
      ? html`<span class="long">${content}</span>`
      : content;
  const head = headings.map((heading, at) => html`<th scope="col"${kind(at)}>${heading}</th>`);
  const body = rows.map(([first, ...others]) => {
    const rest = others.map((content, at) => html`<td${kind(at + 1)}>${cell(content)}</td>`);
    return html`<tr><th scope="row">${cell(first)}</th>${rest}</tr>\n`;
  });
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>
</div>`;
}

/** A list of text as HTML; nothing where there is none. */
export function htmlList(lines: readonly string[]): Content {
  return lines.length > 0 && html`<ul>\n${lines.map((line) => html`<li>${line}</li>\n`)}</ul>`;
}
