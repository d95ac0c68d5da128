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
const divergenceSchema = z.object({
  repeat: count,
  roundTrip: count,
  path: z
    .string()
    .nullable()
    .describe('Place in the request, and what stood there; null where nothing comparable was recorded.'),
  recorded: z.string().nullable(),
  asked: z.string().nullable(),
  toolResult: z.boolean().describe('Whether it was a tool that answered otherwise.'),
});

/** What is known of a provider's part in the trials of one result; sums over them. */
export const providerSchema = z.object({
  usage: z
    .object({ counted: count, missing: count })
    .describe('Responses by whether their usage was reported. Where it was not, the estimate is used.'),
  caching: z
    .object({
      asked: z.boolean(),
      observed: z.boolean().nullable(),
      start: z
        .enum(['cold', 'warm'])
        .describe(
          'Whether each trial was to begin with a cache that holds nothing of it, or might find what earlier ones wrote.',
        ),
      foundWarm: count.describe('Trials whose first request read from the cache.'),
    })
    .describe(
      'Whether cache breakpoints were sent, and whether usage showed tokens read or written; null where nothing was counted.',
    ),
  retries: z
    .object({ attempts: count, possiblyBilled: count, kinds: z.record(z.string(), count) })
    .describe(
      'Attempts that failed and were made again. `possiblyBilled`: those that may have cost something that no usage shows.',
    ),
  causes: z.partialRecord(z.enum(causes), count),
  respondingModels: z.array(z.string()),
  origins: z
    .array(z.string())
    .describe('Scheme, host and port that the answers came from, also where they are replayed.'),
  recordings: z
    .object({ replayed: count, live: count, unused: count, diverged: z.array(divergenceSchema) })
    .optional()
    .describe(
      'Where recordings are used: round trips by where the answer came from, recordings of these trials that were not asked for.',
    ),
});

export type ProviderReport = z.infer<typeof providerSchema>;
export type Divergence = z.infer<typeof divergenceSchema>;
