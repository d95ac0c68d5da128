import type { Trace } from './data.ts';

/**
 * One trace as the page holds it. Traces of one workflow repeat each other's texts: servers give every variant the same results.
 * So a block holds a trace and the long texts that no block before it holds; a text is named by its number in all of them.
 */
export type PackedBlock = { first: number; texts: string[]; trace: unknown };

/** Stands before the number of a shared text. A text that begins so itself is shared, too. */
export const sharedMark = '\0';

/** Puts the texts, by their numbers, back in the place of these. */
export function unpackTrace(packed: unknown, texts: ReadonlyMap<number, string>): Trace {
  return mapStrings(packed, (text) =>
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
