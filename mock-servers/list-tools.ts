import { z } from 'zod';
import * as lists from './lists.ts';
import type { MockTool } from './mock-server.ts';
import type { Table } from './table.ts';

// The two tools that every server has for every kind of its rows.

type Row = { readonly id: string };
type Named = { name: string; title: string; description: string };

/** A tool that answers with one row of a table by its id, as `key`. */
export function getTool<R extends Row>(
  tool: Named & { key: string; schema: z.ZodType<R>; table: Table<R> },
): MockTool {
  const { key, schema, table, ...named } = tool;
  return {
    ...named,
    input: z.strictObject({ id: z.string().describe(`Such as ${table.idLike}`) }),
    output: z.object({ [key]: schema }),
    annotations: lists.reads,
    handle: ({ id }) => ({ [key]: table.need(String(id)) }),
  };
}

/**
 * A tool that answers with the matching rows of a table page by page, as `key`. A filter is an optional argument: one of `where`
 * decides by its function, any other by whether the row's field of its name has that value.
 */
export function listTool<R extends Row, Filters extends Record<string, z.ZodType>>(
  tool: Named & {
    key: string;
    /** What is shown of a row: all of it, or what `show` makes of it. */
    schema: z.ZodType<Partial<R>>;
    show?: (row: R) => Partial<R>;
    table: Table<R>;
    filters: Filters;
    where?: { [Name in keyof Filters]?: (row: R, value: NonNullable<z.output<Filters[Name]>>) => boolean };
    /** Fields that a caller may sort by, rising or falling. Without any, rows come in order of creation. */
    sorts?: (keyof R & string)[];
    /** The order where a caller asks for none, such as `-createdAt`. */
    sort?: string;
  },
): MockTool {
  const { key, schema, table, filters, where = {}, sorts = [], sort = sorts[0], show, ...named } = tool;
  const sorted = {
    sort: z
      .enum(lists.sortKeys(...sorts))
      .default(sort as never)
      .describe('Field to sort by; falling with a leading minus'),
  };
  return {
    ...named,
    input: z.strictObject({ ...filters, ...(sorts.length > 0 && sorted), ...lists.pageArguments }),
    output: z.object({ [key]: z.array(schema), ...lists.pageFields }),
    annotations: lists.reads,
    handle(args) {
      const wanted = Object.keys(filters).filter((name) => args[name] !== undefined);
      const tests = where as Record<string, ((row: R, value: unknown) => boolean) | undefined>;
      const matches = table
        .all()
        .filter((row) =>
          wanted.every((name) => tests[name]?.(row, args[name]) ?? row[name as keyof R] === args[name]),
        );
      const inOrder = sorts.length > 0 ? lists.sortRows(matches, String(args.sort)) : matches;
      const { rows, ...page } = lists.pageOf(inOrder, args as { limit: number });
      return { [key]: show ? rows.map(show) : rows, ...page };
    },
  };
}
