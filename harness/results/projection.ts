import { z } from 'zod';
import { evidences } from './codes.ts';
import { paramsSchema } from './point.ts';

export const projectionFormat = 'patternbench.projection/v1';

const usd = z.number().nonnegative();

/** USD with bounds. */
const amount = z.strictObject({ usd, low: usd, high: usd });

const row = {
  scenario: z.string(),
  params: paramsSchema,
  variant: z.string(),
  /** Share of trials that were right. */
  correct: z.number().min(0).max(1).nullable(),
};

/** One variant of one scenario at a workload. Without a cost where there is none to give; never 0 in its place. */
const projectionRow = z.discriminatedUnion('status', [
  z.strictObject({
    ...row,
    status: z.literal('projected'),
    /** A run that finds no prefix in the cache, and one that does. */
    coldUsd: usd,
    warmUsd: usd,
    perRun: amount,
    /** A month of one tenant. */
    perTenant: amount,
    /** A month of all tenants. */
    perMonth: amount,
    /** What a run costs over the share that is right; null where none was. */
    perCorrectRunUsd: usd.nullable(),
  }),
  z.strictObject({ ...row, status: z.enum(['does_not_fit', 'not_measured', 'unpriced']) }),
]);

/** What the variants of a run would cost at a workload. */
export const projectionSchema = z.strictObject({
  format: z.literal(projectionFormat),
  model: z.string(),
  evidence: z.enum(evidences),
  pricesAsOf: z.string(),
  /** Runs a month, of all tenants together. */
  runs: z.int().positive(),
  tenants: z.int().positive(),
  /** Share of runs that find tools and system prompt in the cache. */
  cacheShare: z.strictObject({ value: z.number().min(0).max(1), basis: z.enum(['given', 'computed']) }),
  rows: z.array(projectionRow),
});

export type Amount = z.infer<typeof amount>;
export type ProjectionRow = z.infer<typeof projectionRow>;
export type Projection = z.infer<typeof projectionSchema>;
