import { z } from 'zod';
import { canonicalJson } from '../harness/json.ts';
import { MockToolError } from './mock-server.ts';
import { fnv1a } from './random.ts';

// What the tools of all servers take and do alike: annotations, filters, searches, sorting and pages.

/** Annotations of tools that only read, that add something, and that replace what is there. */
export const reads = { readOnlyHint: true, openWorldHint: false };
export const creates = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};
export const replaces = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false,
};

export const country = z.string().length(2).toUpperCase().describe('ISO 3166-1 alpha-2 code, such as DE');
export const timestamp = z.iso.datetime({ offset: true });
export const searchText = z.string().trim().min(2).max(200);
export const searchLimit = z.int().min(1).max(50).default(10).describe('Most results');

/** How many a search found. */
export const searchTotal = z.int().min(0).describe('Matches, of which at most limit are returned');

/** What the description of a tool with filters and pages ends in. */
export const paged = 'Filters combine with AND. Follow nextCursor until it is null to read all matches.';

/** The arguments of every tool that answers in pages. */
export const pageArguments = {
  limit: z.int().min(1).max(200).default(50).describe('Most items on a page'),
  cursor: z
    .string()
    .optional()
    .describe('nextCursor of the page before, with the same filters and sort; leave out for the first page'),
};

/** The fields that every page has besides its items. */
export const pageFields = {
  total: z.int().min(0).describe('Matches on all pages together'),
  nextCursor: z.string().nullable().describe('Pass as cursor for the next page; null on the last'),
};

type PageArguments = { limit: number; cursor?: string | undefined; [filter: string]: unknown };

/**
 * The page of `matches` that `args` ask for. A cursor is the position to go on at and a hash of the other arguments,
 * so that it is refused, as a `MockToolError`, with another query than its own.
 */
export function pageOf<Row>(
  matches: readonly Row[],
  args: PageArguments,
): { rows: Row[]; total: number; nextCursor: string | null } {
  const { limit, cursor, ...query } = args;
  const hash = fnv1a(canonicalJson(query)).toString(16).padStart(8, '0');
  const start = cursor === undefined ? 0 : readCursor(cursor, hash);
  const end = start + limit;
  return {
    rows: matches.slice(start, end),
    total: matches.length,
    nextCursor: end < matches.length ? writeCursor(end, hash) : null,
  };
}

function writeCursor(offset: number, hash: string): string {
  return Buffer.from(`${offset}.${hash}`).toString('base64url');
}

function readCursor(cursor: string, hash: string): number {
  const [, digits, cursorHash] =
    /^(\d{1,9})\.([0-9a-f]{8})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (digits === undefined || cursorHash === undefined) {
    throw new MockToolError(
      `cursor: ${JSON.stringify(cursor.slice(0, 60))} is not a nextCursor of this tool`,
    );
  }
  if (cursorHash !== hash) {
    throw new MockToolError(
      'cursor: belongs to a query with other filters or another sort; start without a cursor',
    );
  }
  return Number(digits);
}

type Row = { readonly id: string };

/** Whether a row has the values that a tool's arguments give for these fields; what is `undefined` is not asked for. */
export function hasValues<R extends Row>(
  args: { [Field in keyof R]?: R[Field] | undefined },
  ...fields: (keyof R)[]
): (row: R) => boolean {
  const wanted = fields.filter((field) => args[field] !== undefined);
  return (row) => wanted.every((field) => row[field] === args[field]);
}

/** Whether a timestamp lies in the half-open range [after, before); a missing end is open, and null is in no range. */
export function inRange(
  after: string | undefined,
  before: string | undefined,
): (timestamp: string | null) => boolean {
  if (after === undefined && before === undefined) return () => true;
  const fromMs = after === undefined ? -Infinity : Date.parse(after);
  const toMs = before === undefined ? Infinity : Date.parse(before);
  return (timestamp) => {
    if (timestamp === null) return false;
    const ms = Date.parse(timestamp);
    return ms >= fromMs && ms < toMs;
  };
}

/** The values of a `sort` argument over these fields: `field` rising, `-field` falling. */
export function sortKeys<Field extends string>(
  ...fields: Field[]
): [Field | `-${Field}`, ...(Field | `-${Field}`)[]] {
  const keys = fields.flatMap((field) => [field, `-${field}`] as const);
  return keys as [Field | `-${Field}`, ...(Field | `-${Field}`)[]];
}

/** Sorts by a field in code-unit or numeric order, nulls last either way, ties by id in the direction of the sort. */
export function sortRows<R extends Row>(rows: readonly R[], sort: string): R[] {
  const falling = sort.startsWith('-');
  const field = (falling ? sort.slice(1) : sort) as keyof R;
  const sign = falling ? -1 : 1;
  return rows.toSorted((a, b) => {
    const left = a[field];
    const right = b[field];
    if (left === right) return sign * compare(a.id, b.id);
    if (left === null) return 1;
    if (right === null) return -1;
    return sign * compare(left, right);
  });
}

/** Whether all words of `query` occur in `text`, in any case and order. `text` is in lower case already. */
export function containsWords(text: string, query: string): boolean {
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function compare<T>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
