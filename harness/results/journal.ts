import { z } from 'zod';
import type { Point } from './point.ts';
import { runSchema } from './run.ts';
import { resultSchema } from './summary.ts';
import { type ItemFlip, itemFlipSchema, type Measure, measures } from './verdict.ts';

export const journalFormat = 'patternbench.results/v1';

/** The first line of a journal. */
export const journalHeader = z.strictObject({ format: z.literal(journalFormat), run: runSchema });
/** Any further line. */
export const journalLine = z.union([
  /** A trial that has ended. */
  z.strictObject({ repeat: z.int().positive(), result: resultSchema }),
  /** A trial that was given up on, and what it had cost in USD; null where that has no price. */
  z.strictObject({ abandoned: z.string(), costUsd: z.number().nonnegative().nullable() }),
  /** The search for the number of items at which a verdict flips is over; null where nothing could be compared. */
  z.strictObject({
    scenario: z.string(),
    params: resultSchema.shape.params,
    by: z.enum(measures),
    variants: z.array(z.string()),
    items: itemFlipSchema.nullable(),
  }),
  /** The run was resumed although this had changed. */
  z.strictObject({ forced: z.array(z.string()) }),
]);

/** Any line of a journal. */
export const journalRecord = z.union([journalHeader, journalLine]);

/** What a search found, as the journal keeps it: with all that decides whether it is what a resumed run would find. */
export type FoundItems = {
  scenario: string;
  params: Point['params'];
  by: Measure;
  variants: string[];
  /** Null where nothing could be compared. */
  items: ItemFlip | null;
};
