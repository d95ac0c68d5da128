import { z } from 'zod';
import { evidences } from './codes.ts';
import { paramsSchema } from './point.ts';

export const projectionFormat = 'patternbench.projection/v1';

/** How often work is done: an assumption that its scenario brings along, where nothing else is configured. */
export const workloadSchema = z.strictObject({
  runs: z.int().positive().describe('Runs a month, of all tenants together.'),
  tenants: z.int().positive(),
  because: z.string().min(1).describe('What is assumed, in a few words.'),
});

const usd = z.number().nonnegative();

/** USD with bounds. */
const amount = z.object({ usd, low: usd, high: usd });

const row = {
  scenario: z.string(),
  params: paramsSchema,
  variant: z.string(),
  correct: z.number().min(0).max(1).nullable().describe('Share of trials that were right.'),
};

/** One variant of one scenario at a workload. Without a cost where there is none to give; never 0 in its place. */
const projectionRow = z.discriminatedUnion('status', [
  z.object({
    ...row,
    status: z.literal('projected'),
    coldUsd: usd.describe('A run that finds no prefix in the cache, and one that does.'),
    warmUsd: usd,
    perRun: amount,
    perTenant: amount.describe('A month of one tenant.'),
    perMonth: amount.describe('A month of all tenants.'),
    perCorrectRunUsd: usd
      .nullable()
      .describe('What a run costs over the share that is right; null where none was.'),
  }),
  z.object({ ...row, status: z.enum(['does_not_fit', 'not_measured', 'unpriced']) }),
]);

/** What the variants of a run would cost at a workload. */
export const projectionSchema = z.object({
  format: z.literal(projectionFormat),
  model: z.string(),
  evidence: z.enum(evidences),
  pricesAsOf: z.string(),
  runs: z.int().positive().describe('Runs a month, of all tenants together.'),
  tenants: z.int().positive(),
  cacheShare: z
    .object({ value: z.number().min(0).max(1), basis: z.enum(['given', 'computed']) })
    .describe('Share of runs that find tools and system prompt in the cache.'),
  rows: z.array(projectionRow),
});

export type Amount = z.infer<typeof amount>;
export type ProjectionRow = z.infer<typeof projectionRow>;
export type Projection = z.infer<typeof projectionSchema>;
