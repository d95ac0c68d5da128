import { z } from 'zod';
import { evidences } from './codes.ts';
import { paramsSchema } from './point.ts';
import { ratioInterval } from './verdict.ts';

const count = z.int().nonnegative();

/**
 * What a number from a sample may claim, by `status`: only where there is a bound is there a key for it. `n` counts the
 * observations (trials or pairs) behind the value, `confidence` is two-sided.
 */
const estimateSchema = z.union([
  z.object({
    status: z.literal('interval'),
    value: z.number(),
    low: z.number(),
    high: z.number(),
    confidence: z.number(),
    n: count,
  }),
  z
    .object({
      status: z.literal('lower_bound'),
      value: z.number(),
      low: z.number(),
      confidence: z.number(),
      n: count,
    })
    .describe(
      'A floor and no ceiling: the data do not rule out a denominator of zero, as of the cost per right trial.',
    ),
  z
    .object({
      status: z.literal('point'),
      reason: z.literal('too_few'),
      value: z.number(),
      n: count,
      needed: count,
    })
    .describe('Fewer observations than an interval can be built from; `needed` are enough.'),
  z
    .object({
      status: z.literal('point'),
      reason: z.literal('no_variation'),
      value: z.number(),
      n: count,
    })
    .describe(
      'Observations that all say the same: of a sample, that nothing has varied yet. So no interval of width zero is offered.',
    ),
  z.object({
    status: z.literal('none'),
    reason: z.enum(['no_observations', 'zero_denominator']),
    value: z.null(),
    n: count,
  }),
]);

/** What several trials of one scenario and variant say beyond their means. Trials that infrastructure ended are not in it. */
export const statisticsSchema = z.object({
  n: count.describe('Trials that were measured.'),
  correct: estimateSchema.describe('Share that was right, with its Wilson interval.'),
  enough: z
    .object({
      halfWidth: z.number(),
      status: z.enum(['enough', 'insufficient']),
      needed: count.nullable(),
    })
    .describe('Whether the share is known to ± `halfWidth`; if not, how many trials in all would be needed.'),
  pass: z
    .object({ k: count, atLeastOne: z.number(), all: z.number() })
    .optional()
    .describe(
      'Chance that at least one of k trials is right (pass@k) and that all are (pass^k), without bias; absent where none was measured.',
    ),
  billedTokens: estimateSchema.describe('A mean with its bootstrap interval.'),
  costUsd: estimateSchema.optional().describe('With caching; absent where the model has no price.'),
  costPerCorrectUsd: estimateSchema.optional().describe('Cost of all trials over the number that was right.'),
});

/** Whether what two variants take differs by more than the margin. */
const decisionSchema = z.object({
  decision: z
    .enum(['equivalent', 'lower', 'higher', 'insufficient'])
    .describe('Of the variant, against the reference variant.'),
  margin: z.number().positive(),
  ratio: ratioInterval
    .nullable()
    .describe(
      'Variant to reference variant, with the interval that decides; null where there are too few trials.',
    ),
  trialsNeeded: count
    .nullable()
    .describe(
      'Trials of each in all that can be expected to decide; null where none are needed, or none would do.',
    ),
});

/** Trials that were measured, and how many of them were right. */
const counted = z.object({ right: count, trials: count });

/** One variant against the reference variant of its scenario, by the verdict's own rule. */
export const comparisonSchema = z.object({
  scenario: z.string(),
  params: paramsSchema,
  model: z.string(),
  evidence: z.enum(evidences),
  variant: z.string(),
  reference: z.string(),
  basis: z
    .enum(['sampled', 'computed'])
    .describe(
      '`computed`: a perfect scripted model does not vary, and the interval is what counting leaves open.',
    ),
  correct: z.object({ reference: counted, variant: counted }),
  billedTokens: decisionSchema,
  costUsd: decisionSchema.optional().describe('With caching; absent where the model has no price.'),
});

/** Each variant against itself: every difference that is claimed here is a false alarm. */
export const aaSchema = z.object({
  comparisons: z.array(comparisonSchema),
  falseAlarms: z.object({ claimed: count, undecided: count, comparisons: count, rate: estimateSchema }),
});

export type Estimate = z.infer<typeof estimateSchema>;
export type Statistics = z.infer<typeof statisticsSchema>;
export type VariantComparison = z.infer<typeof comparisonSchema>;
export type SelfComparison = z.infer<typeof aaSchema>;
