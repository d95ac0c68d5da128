import { z } from 'zod';
import { assumptions, measures, mistakes } from './codes.ts';
import { paramsSchema } from './point.ts';
import { workloadSchema } from './projection.ts';

const pattern = z.enum(['classic', 'code', 'either']);
const count = z.number().nonnegative();

/** Code to classic: below 1, code takes less. */
const ratio = z.number().nonnegative();

export const verdictPattern = z.enum(['classic', 'code', 'either', 'neither', 'insufficient']);

/**
 * What a verdict may depend on, each changed alone. Of caching and calls at once see what results say of them (`otherwise`).
 * `uncached`: no caching. `requestsHigher`, `requestsLower`: every request
 * counts for more, or less, against the context window, by as much as a count may be off.
 */
const turnedAssumptions = ['uncached', ...assumptions, 'requestsHigher', 'requestsLower'] as const;

/** What may decide at a number of items: which pattern takes less, which fits its context window, or which is right. */
export const becauseOfSize = ['value', 'window', 'correctness'] as const;

/** What is recommended over a range of a figure; the last range is open where `to` is null. */
const bands = z.object({
  now: count,
  bands: z.array(z.object({ from: count, to: count.nullable(), pattern: verdictPattern })),
});

/** The verdict at other numbers of items, each from trials of its own. */
export const itemFlipSchema = z.object({
  param: z
    .string()
    .describe("The scenario's parameter that is its number of items, and its value in this run."),
  now: z.number(),
  tried: z
    .array(
      z.object({
        at: z.number(),
        pattern: verdictPattern,
        because: z
          .enum(becauseOfSize)
          .describe(
            'What decides there: which takes less, which fits its context window, or which is right.',
          ),
        padded: verdictPattern
          .nullable()
          .describe(
            "The verdict there, were short prompts padded to the model's cache minimum; null where it is not known.",
          ),
      }),
    )
    .min(1)
    .describe('All numbers that were tried, the smallest first, `now` among them.'),
});

const both = z.object({ classic: count, code: count });

const side = z.enum(['classic', 'code']);
const probability = z.number().min(0).max(1);
/** Trials of each side, in all, that can be expected to tell; null where none would, or none are needed. */
const trialsNeeded = z.int().positive().nullable();

/** A call whose result was not the same in all trials of one scenario: two of its results, and how they differ in words. */
const unequalCallSchema = z.object({
  server: z.string(),
  tool: z.string(),
  occurrence: z.int().positive().describe('Which of the calls with the same arguments, from 1.'),
  variants: z.tuple([z.string(), z.string()]),
  difference: z.string(),
});

const doubt = {
  about: z
    .enum(['floor', 'gap'])
    .describe(
      '`floor`: it may be right too seldom to be recommended. `gap`: it may be right less often than the other.',
    ),
  side,
  probability,
  trialsNeeded,
};

/** The variant that represents its pattern. Values are in the unit of the measure that the verdict weighs by. */
const sideFigures = z.object({
  name: z.string(),
  value: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Mean of its trials; null where it is unknown, as the cost of a model without a price.'),
  right: count,
  trials: count.describe('Trials that were judged: those that infrastructure did not end.'),
  share: probability,
  chosenFrom: count.describe('How many variants of its pattern it was chosen from.'),
  perRight: z
    .number()
    .nonnegative()
    .nullable()
    .describe('What all trials took over the number that was right; null where none was.'),
});

/** Why a verdict is what it is. */
const because = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('missing'), sides: z.array(side).min(1) }),
  z.object({
    kind: z.literal('not_measured'),
    side,
    fault: z.enum(['infrastructure', 'scenario']),
  }),
  z.object({ kind: z.literal('mixed_evidence') }),
  z.object({ kind: z.literal('unequal_work'), calls: z.array(unequalCallSchema) }),
  z.object({ kind: z.literal('few'), usable: count }),
  z.object({ kind: z.literal('unpriced') }),
  z.object({ kind: z.literal('under_floor'), sides: z.array(side).min(1) }),
  z.object({ kind: z.literal('less_often_right'), side, probability }),
  z.object({ kind: z.literal('cheaper'), side }),
  z.object({ kind: z.literal('equivalent') }),
  z.object({ kind: z.literal('crosses_margin') }),
  z.object({ kind: z.literal('doubt'), ...doubt }),
]);

/** Code to classic, with the interval that decides. */
export const ratioInterval = z.object({ value: ratio, low: ratio, high: ratio });

const decisionSchema = z.object({
  pattern: verdictPattern,
  because,
  sides: z.object({ classic: sideFigures.optional(), code: sideFigures.optional() }),
  ratio: ratioInterval.nullable().describe('Null where one side has no value, or there are too few trials.'),
  caveats: z
    .array(z.object(doubt))
    .describe('Faults of correctness of what is recommended that were seen and are not shown.'),
  trialsNeeded,
});

export const verdictSchema = z.object({
  scenario: z.string(),
  params: paramsSchema.describe(
    'What the scenario was run with: another size of it has a verdict of its own.',
  ),
  pattern: decisionSchema.shape.pattern,
  reason: z.string().describe('The verdict in words: what to use, by how much, and whether it was right.'),
  predicted: pattern.optional().describe("What the scenario's author expected before it was measured."),
  workload: workloadSchema
    .optional()
    .describe('How often its scenario assumes the work to be done, for the cost of a month.'),
  by: z.enum(measures),
  basis: z
    .enum(['computed', 'sampled'])
    .describe(
      '`computed`: nothing varies, and the interval of the ratio is what counting leaves open. `sampled`: it is that of the trials.',
    ),
  policy: z
    .object({ margin: z.number().positive(), floor: probability, gap: probability })
    .describe(
      'What was taken as a difference: of the ratio, of the share right at least, and of two shares right.',
    ),
  ...decisionSchema.omit({ pattern: true }).shape,
  ladder: z
    .object({
      reference: z.string(),
      best: z.string().describe('The least of those that were most often right, over all patterns.'),
      rows: z.array(
        z.object({
          variant: z.string(),
          correct: z.number().nullable(),
          value: z.number(),
          ratio: z.number().nullable(),
        }),
      ),
    })
    .optional()
    .describe('Every variant against the reference variant, in the order of the run.'),
  mechanism: z
    .object({
      unit: z.enum(['USD', 'tokens', 'seconds']),
      definitions: z.number(),
      payload: z.number(),
      roundTrips: z.number(),
      writing: z.number(),
      fixed: z.number(),
      remainder: z.number(),
      total: z.number(),
      resent: z.object({ definitions: z.number(), payload: z.number(), other: z.number() }),
      hypothetical: z
        .boolean()
        .describe(
          'True where classic did not fit its window: this is of what it would have billed without one.',
        ),
    })
    .optional()
    .describe(
      "What code saves against classic, in the verdict's unit, by cause; negative where it costs more. `definitions`: tools declared or discovered, once. `payload`: results and program output, once. `writing`: calls, code and answer. `roundTrips`: what is sent again, of which `resent` tells what it was, and each request's overhead. `fixed`: instructions and framing, once. `remainder`: what prices by tier or a provider's own count leave over. All but `resent` sum to `total`.",
    ),
  extra: z
    .object({
      latencySeconds: z.number(),
      outputTokens: z.number(),
      discoveryTokens: z.number(),
      programs: count,
      measured: z.object({ sandboxMs: count }),
    })
    .optional()
    .describe('What code takes more of than classic, or less where negative.'),
  flips: z
    .object({
      assumptions: z.array(
        z.object({
          assume: z.enum(turnedAssumptions),
          pattern: verdictPattern,
          ratio: ratioInterval.nullable(),
          variants: z
            .object({ classic: z.string(), code: z.string() })
            .optional()
            .describe('The variants that then represent the patterns.'),
        }),
      ),
      bytesPerResult: bands
        .optional()
        .describe(
          'By bytes of a tool result. It is about: what programs show of results may grow with them or not.',
        ),
      overheadSeconds: bands
        .optional()
        .describe("By the model's overhead a round trip, where the verdict weighs by latency."),
      slack: z
        .array(
          z.object({
            side: z.enum(['classic', 'code']),
            mistake: z.enum(mistakes),
            variant: z.string().optional(),
            each: z.number(),
            most: z.int().nonnegative().nullable().optional(),
            isLeast: z.literal(true).optional(),
          }),
        )
        .optional()
        .describe(
          "By kind of mistake, what one takes of a side, in the verdict's unit, and how many a run may have, each kind alone, before the verdict turns. `most` stands only for the side that is recommended, or both where they are equivalent; null where 100,000 do not turn it. `isLeast`: it may be more, but prompts would then have another price. `variant`: the one that can make the mistake, where the side's own cannot and is left out.",
        ),
      items: itemFlipSchema.optional(),
      window: z
        .array(
          z.object({
            variant: z.string(),
            filled: z.number().positive(),
            uncertainty: count,
            hangs: z.boolean(),
          }),
        )
        .optional()
        .describe(
          "Of variants that did not fit their context window or, counts being estimates, might not: how much of it their largest request takes, the share by which a request's count may be off, and whether that decides if it fits.",
        ),
    })
    .optional()
    .describe(
      'What the verdict depends on: each assumption changed, and the decision made again over all variants of both patterns.',
    ),
  criteria: z
    .object({
      tools: z.object({ listed: count, definitionTokens: both }),
      steps: z.object({ toolCalls: count, roundTrips: both, looks: count }),
      resultSize: z.object({ bytesPerResult: count.nullable(), tokensShown: both }),
      determinism: z
        .object({ modelDecisions: both })
        .describe(
          'Decisions that a model makes again each time: calls it asks for in classic, programs it writes in code.',
        ),
      traceability: z
        .object({ callsInConversation: both })
        .describe(
          'Calls whose arguments and results are in the conversation itself; the others are in the audit log alone.',
        ),
    })
    .optional()
    .describe('The five criteria by which people choose, as measured.'),
});

export type Verdict = z.infer<typeof verdictSchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type Because = Decision['because'];
export type Doubt = Decision['caveats'][number];
export type SideFigures = z.infer<typeof sideFigures>;
export type Ratio = z.infer<typeof ratioInterval>;

/** The same comparison from the other side. */
export function inverse({ value, low, high }: Ratio): Ratio {
  return { value: 1 / value, low: 1 / high, high: 1 / low };
}
export type UnequalCall = z.infer<typeof unequalCallSchema>;

/** Names of the two variants that a verdict compares; undefined where a pattern has none. */
export function comparedBy({ sides: { classic, code } }: Pick<Verdict, 'sides'>): Compared | undefined {
  return classic && code ? { classic: classic.name, code: code.name } : undefined;
}

type Compared = { classic: string; code: string };
export type ItemFlip = z.infer<typeof itemFlipSchema>;

export type Bands = z.infer<typeof bands>;
export type VerdictPattern = z.infer<typeof verdictPattern>;

/** Which pattern leads: neither where both take the same or it is too close to call, which a little more of anything may turn. */
export function leadOf(pattern: VerdictPattern): 'classic' | 'code' | 'either' | 'neither' {
  return pattern === 'insufficient' ? 'either' : pattern;
}
