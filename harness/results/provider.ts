import { z } from 'zod';

const count = z.int().nonnegative();

/** Ends and peculiarities of a trial that a provider's model is responsible for. */
const causes = [
  /** It refused. */
  'refusal',
  /** A response ran into its limit of output tokens. */
  'max_tokens',
  /** A response ran into the end of the context window. */
  'window_stop',
  /** The provider refused a prompt that does not fit. */
  'prompt_too_long',
  /** It answered without calling any tool. */
  'no_tool_use',
  /** It answered with no text. */
  'empty_answer',
  /** It went on until its round trips, its tokens or its time were used up. */
  'never_answered',
  /** Another model answered than the one that was asked, so the trial is invalid. */
  'other_model',
  /** A recording did not fit what the tools answered. */
  'diverged',
] as const;

export type Cause = (typeof causes)[number];

/** Where a replayed trial left its recording. */
const divergenceSchema = z.strictObject({
  repeat: count,
  roundTrip: count,
  /** Place in the request, and what stood there; null where nothing comparable was recorded. */
  path: z.string().nullable(),
  recorded: z.string().nullable(),
  asked: z.string().nullable(),
  /** Whether it was a tool that answered otherwise. */
  toolResult: z.boolean(),
});

/** What is known of a provider's part in the trials of one result; sums over them. */
export const providerSchema = z.strictObject({
  /** Responses by whether their usage was reported. Where it was not, the estimate is used. */
  usage: z.strictObject({ counted: count, missing: count }),
  /** Whether cache breakpoints were sent, and whether usage showed tokens read or written; null where nothing was counted. */
  caching: z.strictObject({
    asked: z.boolean(),
    observed: z.boolean().nullable(),
    /** Whether each trial was to begin with a cache that holds nothing of it, or might find what earlier ones wrote. */
    start: z.enum(['cold', 'warm']),
    /** Trials whose first request read from the cache. */
    foundWarm: count,
  }),
  /** Attempts that failed and were made again. `possiblyBilled`: those that may have cost something that no usage shows. */
  retries: z.strictObject({ attempts: count, possiblyBilled: count, kinds: z.record(z.string(), count) }),
  causes: z.partialRecord(z.enum(causes), count),
  respondingModels: z.array(z.string()),
  /** Scheme, host and port that the answers came from, also where they are replayed. */
  origins: z.array(z.string()),
  /** Where recordings are used: round trips by where the answer came from, recordings of these trials that were not asked for. */
  recordings: z
    .strictObject({ replayed: count, live: count, unused: count, diverged: z.array(divergenceSchema) })
    .optional(),
});

export type ProviderReport = z.infer<typeof providerSchema>;
export type Divergence = z.infer<typeof divergenceSchema>;
