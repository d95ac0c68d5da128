// What reports in every format are made of. Apart from markup.ts, so that what draws for terminals alone loads no library of Markdown.

type Align = 'l' | 'r';

/**
 * A table in no format yet: what its columns are called, which of them hold text and not figures, and its rows. Without `align`,
 * only the first column holds text.
 */
export type Table<Cell = string> = { headings: Cell[]; align?: Align[]; rows: Cell[][] };

/** A column: its heading, what stands in it, and `l` where that is text. */
export type Column<Item> = readonly [heading: string, cell: (item: Item) => string, align?: Align];

/** A table with a row for each item. */
export function tableOf<Item>(items: readonly Item[], columns: readonly Column<Item>[]): Table {
  return {
    headings: columns.map(([heading]) => heading),
    align: columns.map(([, , align], at) => align ?? alignOf({}, at)),
    rows: items.map((item) => columns.map(([, cell]) => cell(item))),
  };
}

/** On which side the cells of a column stand. */
export function alignOf({ align }: { align?: Align[] }, column: number): Align {
  return align?.[column] ?? (column === 0 ? 'l' : 'r');
}

/** A part of a text, several of them, or nothing where there is nothing to say. */
export type Part = string | false | null | undefined | readonly Part[];

/** The parts that there are. */
export function present(...parts: readonly Part[]): string[] {
  return parts.flatMap((part) => (typeof part === 'object' && part ? present(...part) : part || []));
}

/** The parts that there are as blocks of a Markdown document. */
export function paragraphs(...parts: readonly Part[]): string {
  return present(...parts).join('\n\n');
}

/** Lines as a Markdown list; empty where there are none. */
export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
