import type { Trace } from './data.ts';

/**
 * One trace as the page holds it. Traces of one workflow repeat each other's texts: servers give every variant the same results.
 * So a block holds a trace and the long texts that no block before it holds. A text is named by its number across all blocks.
 */
export type PackedBlock = { first: number; texts: string[]; trace: unknown };

/** Stands before the number of a shared text. A text that begins so itself is shared, too. */
export const sharedMark = '\0';

/** The trace of the last block; the blocks before it hold some of its texts. */
export function unpackTrace(blocks: readonly PackedBlock[]): Trace {
  const texts = new Map(blocks.flatMap(({ first, texts: own }) => own.map((text, at) => [first + at, text])));
  return mapStrings(blocks.at(-1)?.trace, (text) =>
    text.startsWith(sharedMark) ? (texts.get(Number(text.slice(sharedMark.length))) ?? '') : text,
  ) as Trace;
}

/** A JSON value with all its strings replaced, but for the names of members. */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((each) => mapStrings(each, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapStrings(each, map)]));
}
