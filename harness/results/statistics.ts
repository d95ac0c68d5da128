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
  z.strictObject({
    status: z.literal('interval'),
    value: z.number(),
    low: z.number(),
    high: z.number(),
    confidence: z.number(),
    n: count,
  }),
  /** A floor and no ceiling: the data do not rule out a denominator of zero, as of the cost per right trial. */
  z.strictObject({
    status: z.literal('lower_bound'),
    value: z.number(),
    low: z.number(),
    confidence: z.number(),
    n: count,
  }),
  /** Fewer observations than an interval can be built from; `needed` are enough. */
  z.strictObject({
    status: z.literal('point'),
    reason: z.literal('too_few'),
    value: z.number(),
    n: count,
    needed: count,
  }),
  /** Observations that all say the same: of a sample, that nothing has varied yet. So no interval of width zero is offered. */
  z.strictObject({
    status: z.literal('point'),
    reason: z.literal('no_variation'),
    value: z.number(),
    n: count,
  }),
  z.strictObject({
    status: z.literal('none'),
    reason: z.enum(['no_observations', 'zero_denominator']),
    value: z.null(),
    n: count,
  }),
]);

/** What several trials of one scenario and variant say beyond their means. Trials that infrastructure ended are not in it. */
export const statisticsSchema = z.strictObject({
  /** Trials that were measured. */
  n: count,
  /** Share that was right, with its Wilson interval. */
  correct: estimateSchema,
  /** Whether the share is known to ± `halfWidth`; if not, how many trials in all would be needed. */
  enough: z.strictObject({
    halfWidth: z.number(),
    status: z.enum(['enough', 'insufficient']),
    needed: count.nullable(),
  }),
  /** Chance that at least one of k trials is right (pass@k) and that all are (pass^k), without bias; absent where none was measured. */
  pass: z.strictObject({ k: count, atLeastOne: z.number(), all: z.number() }).optional(),
  /** A mean with its bootstrap interval. */
  billedTokens: estimateSchema,
  /** With caching; absent where the model has no price. */
  costUsd: estimateSchema.optional(),
  /** Cost of all trials over the number that was right. */
  costPerCorrectUsd: estimateSchema.optional(),
});

/** Whether what two variants take differs by more than the margin. */
const decisionSchema = z.strictObject({
  /** Of the variant, against the reference variant. */
  decision: z.enum(['equivalent', 'lower', 'higher', 'insufficient']),
  margin: z.number().positive(),
  /** Variant to reference variant, with the interval that decides; null where there are too few trials. */
  ratio: ratioInterval.nullable(),
  /** Trials of each in all that can be expected to decide; null where none are needed, or none would do. */
  trialsNeeded: count.nullable(),
});

/** Trials that were measured, and how many of them were right. */
const counted = z.strictObject({ right: count, trials: count });

/** One variant against the reference variant of its scenario, by the verdict's own rule. */
export const comparisonSchema = z.strictObject({
  scenario: z.string(),
  params: paramsSchema,
  model: z.string(),
  evidence: z.enum(evidences),
  variant: z.string(),
  reference: z.string(),
  /** `computed`: a perfect scripted model does not vary, and the interval is what counting leaves open. */
  basis: z.enum(['sampled', 'computed']),
  correct: z.strictObject({ reference: counted, variant: counted }),
  billedTokens: decisionSchema,
  /** With caching; absent where the model has no price. */
  costUsd: decisionSchema.optional(),
});

/** Each variant against itself: every difference that is claimed here is a false alarm. */
export const aaSchema = z.strictObject({
  comparisons: z.array(comparisonSchema),
  falseAlarms: z.strictObject({ claimed: count, undecided: count, comparisons: count, rate: estimateSchema }),
});

export type Estimate = z.infer<typeof estimateSchema>;
export type Statistics = z.infer<typeof statisticsSchema>;
export type VariantComparison = z.infer<typeof comparisonSchema>;
export type SelfComparison = z.infer<typeof aaSchema>;
