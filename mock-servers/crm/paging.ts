import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { MockToolError } from '../mock-server.ts';
import { fnv1a } from '../random.ts';

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
