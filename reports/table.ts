import { markdownTable } from 'markdown-table';

/** A table in no format yet: what its columns are called, which of them hold text and not figures, and its rows. */
export type Table = { headings: string[]; align: ('l' | 'r')[]; rows: string[][] };

/** A table as Markdown. */
export function toMarkdownTable({ headings, align, rows }: Table): string {
  return markdownTable([headings, ...rows], { align });
}
