import { z } from 'zod';

const pattern = z.enum(['classic', 'code', 'either']);
const count = z.number().nonnegative();

/** What a verdict weighs by: USD with caching, billed tokens, or seconds of modelled model time. */
export const measures = ['cost', 'tokens', 'latency'] as const;
export type Measure = (typeof measures)[number];

/** Code to classic: below 1, code takes less. */
const ratio = z.number().nonnegative();

/** What would be recommended under another assumption, and at which ratio of code to classic. */
const elsewhere = z.strictObject({ pattern, ratio });

/** A figure at which the recommendation would turn; null where no value of it would turn it. */
const turningPoint = z.strictObject({ now: count, at: count.nullable() });

/** Which pattern leads at a size: the one that is more often right, else the one that takes less. */
const lead = z.enum(['classic', 'code', 'neither']);

/** The number of items at which the verdict flips, from trials of its two variants at other numbers. */
export const itemFlipSchema = z.strictObject({
  /** The scenario's parameter that is its number of items, and its value in this run. */
  param: z.string(),
  now: z.number(),
  /** From which number on `above` leads, the nearest to `now`; null where the same side leads at all that were tried. */
  at: z.number().nullable(),
  /** The tried numbers on both sides of it; `at` is interpolated between them. */
  between: z.tuple([z.number(), z.number()]).optional(),
  below: lead,
  above: lead,
  /** What turns: which takes less, which fits its context window, or which is right. */
  turns: z.enum(['value', 'window', 'correctness']).optional(),
  /** All numbers that were tried, `now` among them. */
  tried: z.array(z.number()).min(1),
});

const both = z.strictObject({ classic: count, code: count });

export const verdictSchema = z.strictObject({
  scenario: z.string(),
  /** What the scenario was run with: another size of it has a verdict of its own. */
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  pattern: z.enum(['classic', 'code', 'either', 'neither', 'insufficient']),
  /** One sentence that says why. */
  reason: z.string(),
  /** The same for somebody who pays for it and does not build it. */
  summary: z.string().optional(),
  /** The dearer variant's figure over the cheaper one's, where both can be compared. */
  costRatio: z.number().positive().optional(),
  /** Which variants stand for the two patterns. */
  variants: z.strictObject({ classic: z.string(), code: z.string() }).optional(),
  /** What the scenario's author expected before it was measured. */
  predicted: pattern.optional(),
  by: z.enum(measures).optional(),
  /**
   * Code to classic, with its interval: `declared` from the uncertainty of local token counts, `sampled` from pairs of
   * trials.
   */
  margin: z
    .strictObject({ ratio, low: ratio, high: ratio, basis: z.enum(['declared', 'sampled']) })
    .optional(),
  /** Every variant against the reference variant, in the order of the run. */
  ladder: z
    .strictObject({
      reference: z.string(),
      /** The least of those that were most often right, over all patterns. */
      best: z.string(),
      rows: z.array(
        z.strictObject({
          variant: z.string(),
          correct: z.number().nullable(),
          value: z.number(),
          ratio: z.number().nullable(),
        }),
      ),
    })
    .optional(),
  /**
   * What code saves against classic, in the verdict's unit, by cause; negative where it costs more. `definitions`: tools
   * declared or discovered, once. `payload`: results and program output, once. `writing`: calls, code and answer. `roundTrips`:
   * whatever is sent again, of which `resent` tells what it was, and each request's overhead. `fixed`: instructions and
   * framing, once. `remainder`: what prices by tier or a provider's own count leave over. All but `resent` sum to `total`.
   */
  mechanism: z
    .strictObject({
      unit: z.enum(['USD', 'tokens', 'seconds']),
      definitions: z.number(),
      payload: z.number(),
      roundTrips: z.number(),
      writing: z.number(),
      fixed: z.number(),
      remainder: z.number(),
      total: z.number(),
      resent: z.strictObject({ definitions: z.number(), payload: z.number(), other: z.number() }),
      /** True where classic did not fit its window: this is of what it would have billed without one. */
      hypothetical: z.boolean(),
    })
    .optional(),
  /** What code takes more of than classic, or less where negative. */
  extra: z
    .strictObject({
      latencySeconds: z.number(),
      outputTokens: z.number(),
      discoveryTokens: z.number(),
      programs: count,
      measured: z.strictObject({ sandboxMs: count }),
    })
    .optional(),
  /** Under which circumstances another pattern would be recommended. */
  flips: z
    .strictObject({
      uncached: elsewhere.optional(),
      warmPrefix: elsewhere.optional(),
      otherTokenizer: elsewhere.extend({ method: z.string() }).optional(),
      bytesPerResult: turningPoint.optional(),
      /** Of the latency ranking, whatever the verdict weighs by. */
      overheadSeconds: turningPoint.optional(),
      /** What one failed program costs, in the verdict's unit, and how many code can afford before classic takes less. */
      failedPrograms: z.strictObject({ each: count, affordable: count }).optional(),
      items: itemFlipSchema.optional(),
      /**
       * Of variants that did not fit their context window or, counts being estimates, might not: how much of it their largest
       * request takes, the share by which a request's count may be off, and whether that decides if it fits.
       */
      window: z
        .array(
          z.strictObject({
            variant: z.string(),
            filled: z.number().positive(),
            uncertainty: count,
            hangs: z.boolean(),
          }),
        )
        .optional(),
    })
    .optional(),
  /** The five criteria by which people choose, as measured. */
  criteria: z
    .strictObject({
      tools: z.strictObject({ listed: count, definitionTokens: both }),
      steps: z.strictObject({ toolCalls: count, roundTrips: both, looks: count }),
      resultSize: z.strictObject({ bytesPerResult: count.nullable(), tokensShown: both }),
      /** Decisions that a model makes anew each time: calls it asks for in classic, programs it writes in code. */
      determinism: z.strictObject({ modelDecisions: both }),
      /** Calls whose arguments and results stand in the conversation itself; the others are in the audit log alone. */
      traceability: z.strictObject({ callsInConversation: both }),
    })
    .optional(),
});

export type Verdict = z.infer<typeof verdictSchema>;
export type ItemFlip = z.infer<typeof itemFlipSchema>;
export type Lead = z.infer<typeof lead>;
