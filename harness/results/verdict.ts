import { z } from 'zod';
import { paramsSchema } from './point.ts';

const pattern = z.enum(['classic', 'code', 'either']);
const count = z.number().nonnegative();

/** What a verdict weighs by: USD with caching, billed tokens, or seconds of modelled model time. */
export const measures = ['cost', 'tokens', 'latency'] as const;
export type Measure = (typeof measures)[number];

/** Code to classic: below 1, code takes less. */
const ratio = z.number().nonnegative();

export const verdictPattern = z.enum(['classic', 'code', 'either', 'neither', 'insufficient']);

/**
 * What a verdict may depend on, each changed alone. Of caching and calls at once see what results say of them (`otherwise`).
 * `uncached`: no caching. `otherTokenizer`: counted with another vocabulary. `requestsHigher`, `requestsLower`: every request
 * counts for more, or less, against the context window, by as much as a count may be off.
 */
const turnedAssumptions = [
  'uncached',
  'warm',
  'cold',
  'minimumHigher',
  'minimumLower',
  'padded',
  'oneCall',
  'observedCalls',
  'allCalls',
  'otherTokenizer',
  'requestsHigher',
  'requestsLower',
] as const;

/** What may decide at a number of items: which pattern takes less, which fits its context window, or which is right. */
export const becauseOfSize = ['value', 'window', 'correctness'] as const;

/** What is recommended over a range of a figure; the last range is open where `to` is null. */
const bands = z.strictObject({
  now: count,
  bands: z.array(z.strictObject({ from: count, to: count.nullable(), pattern: verdictPattern })),
});

/** The verdict at other numbers of items, each from trials of its own. */
export const itemFlipSchema = z.strictObject({
  /** The scenario's parameter that is its number of items, and its value in this run. */
  param: z.string(),
  now: z.number(),
  /** All numbers that were tried, the smallest first, `now` among them. */
  tried: z
    .array(
      z.strictObject({
        at: z.number(),
        pattern: verdictPattern,
        /** What decides there: which takes less, which fits its context window, or which is right. */
        because: z.enum(becauseOfSize),
        /** The verdict there, were short prompts padded to the model's cache minimum; null where it is not known. */
        padded: verdictPattern.nullable(),
      }),
    )
    .min(1),
});

const both = z.strictObject({ classic: count, code: count });

const side = z.enum(['classic', 'code']);
const probability = z.number().min(0).max(1);
/** Trials of each side, in all, that can be expected to tell; null where none would, or none are needed. */
const trialsNeeded = z.int().positive().nullable();

/** A call whose result was not the same in all trials of one scenario: two of its results, and how they differ in words. */
const unequalCallSchema = z.strictObject({
  server: z.string(),
  tool: z.string(),
  /** Which of the calls with the same arguments, from 1. */
  occurrence: z.int().positive(),
  variants: z.tuple([z.string(), z.string()]),
  difference: z.string(),
});

const doubt = {
  /** `floor`: it may be right too seldom to be recommended. `gap`: it may be right less often than the other. */
  about: z.enum(['floor', 'gap']),
  side,
  probability,
  trialsNeeded,
};

/** The variant that represents its pattern. Values are in the unit of the measure that the verdict weighs by. */
const sideFigures = z.strictObject({
  name: z.string(),
  /** Mean of its trials; null where it is unknown, as the cost of a model without a price. */
  value: z.number().nonnegative().nullable(),
  right: count,
  /** Trials that were judged: those that infrastructure did not end. */
  trials: count,
  share: probability,
  /** How many variants of its pattern it was chosen from. */
  chosenFrom: count,
  /** What all trials took over the number that was right; null where none was. */
  perRight: z.number().nonnegative().nullable(),
});

/** Why a verdict is what it is. */
const because = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('missing'), sides: z.array(side).min(1) }),
  z.strictObject({
    kind: z.literal('not_measured'),
    side,
    fault: z.enum(['infrastructure', 'scenario']),
  }),
  z.strictObject({ kind: z.literal('mixed_evidence') }),
  z.strictObject({ kind: z.literal('unequal_work'), calls: z.array(unequalCallSchema) }),
  z.strictObject({ kind: z.literal('few'), usable: count }),
  z.strictObject({ kind: z.literal('unpriced') }),
  z.strictObject({ kind: z.literal('under_floor'), sides: z.array(side).min(1) }),
  z.strictObject({ kind: z.literal('less_often_right'), side, probability }),
  z.strictObject({ kind: z.literal('cheaper'), side }),
  z.strictObject({ kind: z.literal('equivalent') }),
  z.strictObject({ kind: z.literal('crosses_margin') }),
  z.strictObject({ kind: z.literal('doubt'), ...doubt }),
]);

/** Code to classic, with the interval that decides. */
export const ratioInterval = z.strictObject({ value: ratio, low: ratio, high: ratio });

const decisionSchema = z.strictObject({
  pattern: verdictPattern,
  because,
  sides: z.strictObject({ classic: sideFigures.optional(), code: sideFigures.optional() }),
  /** Null where one side has no value, or there are too few trials. */
  ratio: ratioInterval.nullable(),
  /** Faults of correctness of what is recommended that were seen and are not shown. */
  caveats: z.array(z.strictObject(doubt)),
  trialsNeeded,
});

export const verdictSchema = z.strictObject({
  scenario: z.string(),
  /** What the scenario was run with: another size of it has a verdict of its own. */
  params: paramsSchema,
  pattern: decisionSchema.shape.pattern,
  /** The verdict in words: what to use, by how much, and whether it was right. */
  reason: z.string(),
  /** What the scenario's author expected before it was measured. */
  predicted: pattern.optional(),
  by: z.enum(measures),
  /**
   * `computed`: nothing varies, and the interval of the ratio is what counting leaves open. `sampled`: it is that of the
   * trials.
   */
  basis: z.enum(['computed', 'sampled']),
  /** What was taken as a difference: of the ratio, of the share right at least, and of two shares right. */
  policy: z.strictObject({ margin: z.number().positive(), floor: probability, gap: probability }),
  ...decisionSchema.omit({ pattern: true }).shape,
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
  /** What the verdict depends on: each assumption changed, and the decision made again over all variants of both patterns. */
  flips: z
    .strictObject({
      assumptions: z.array(
        z.strictObject({
          assume: z.enum(turnedAssumptions),
          pattern: verdictPattern,
          ratio: ratioInterval.nullable(),
          /** The variants that then represent the patterns. */
          variants: z.strictObject({ classic: z.string(), code: z.string() }).optional(),
          /** Of `otherTokenizer`, how it counts. */
          method: z.string().optional(),
        }),
      ),
      /** By bytes of a tool result. It is about: what programs show of results may grow with them or not. */
      bytesPerResult: bands.optional(),
      /** By the model's overhead a round trip, where the verdict weighs by latency. */
      overheadSeconds: bands.optional(),
      /** What one failed program takes, in the verdict's unit, and how many of them leave the verdict at code. */
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
      /** Decisions that a model makes again each time: calls it asks for in classic, programs it writes in code. */
      determinism: z.strictObject({ modelDecisions: both }),
      /** Calls whose arguments and results are in the conversation itself; the others are in the audit log alone. */
      traceability: z.strictObject({ callsInConversation: both }),
    })
    .optional(),
});

export type Verdict = z.infer<typeof verdictSchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type Because = Decision['because'];
export type Doubt = Decision['caveats'][number];
export type SideFigures = z.infer<typeof sideFigures>;
export type Ratio = z.infer<typeof ratioInterval>;
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
