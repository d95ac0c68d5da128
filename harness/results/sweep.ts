import { z } from 'zod';
import { measures, patternNames } from './codes.ts';
import { paramsSchema } from './point.ts';
import { becauseOfSize, ratioInterval, verdictPattern } from './verdict.ts';

export const sweepFormat = 'patternbench.sweep/v1';
export const sweepConfigFormat = 'patternbench.sweep-config/v1';

/** `config.json`: what a sweep was asked for, as the command line read it: all that a resumed sweep needs. */
export const sweepConfigSchema = z.object({
  format: z.literal(sweepConfigFormat),
  scenario: z.string().describe("A bundled scenario's name, or the absolute path of a folder."),
  options: z.record(z.string(), z.unknown()),
});

const figure = z.number().nonnegative();
const params = paramsSchema;

/** One variant at one point: the whole job, also where it did not fit the window (`fits` is false: hypothetical then). */
const pointResultSchema = z.object({
  variant: z.string(),
  pattern: z.enum(patternNames),
  correct: z.number().nullable(),
  fits: z.boolean(),
  roundTrips: figure,
  toolCalls: figure,
  bytesPerResult: figure.nullable(),
  tokens: z.object({ context: figure, billed: figure }),
  costUsd: z.object({ cached: figure, uncached: figure }).nullable(),
  modelledSeconds: figure,
});

/** What a point keeps of its verdict. `uncached`: without caching; null where that was not looked at. */
const pointVerdictSchema = z.object({
  pattern: verdictPattern,
  because: z.enum(becauseOfSize),
  ratio: ratioInterval.nullable(),
  compared: z.object({ classic: z.string(), code: z.string() }).optional(),
  uncached: z.object({ pattern: verdictPattern, ratio: ratioInterval.nullable() }).nullable(),
  padded: verdictPattern
    .nullable()
    .describe(
      "The verdict, were short prompts padded to the model's cache minimum; null where that was not looked at.",
    ),
});

const sweepPointSchema = z.object({
  params,
  run: z.string().describe('The run directory of this point, inside that of the sweep.'),
  verdict: pointVerdictSchema.nullable(),
  results: z.array(pointResultSchema),
});

/** Where the verdict changes: on one axis, at one value of the other where there are two. */
const breakEvenSchema = z.object({
  caching: z.boolean(),
  axis: z.string(),
  between: z
    .tuple([z.number(), z.number()])
    .describe('The measured points on both sides, and a place between them.'),
  at: z.number(),
  other: z.object({ axis: z.string(), value: z.number() }).optional(),
  below: verdictPattern.describe('The verdicts on both sides.'),
  above: verdictPattern,
});

/** `sweep.json`: a scenario at several sizes; each point is an ordinary run under the rules of any other. */
export const sweepSchema = z.object({
  format: z.literal(sweepFormat),
  status: z.enum(['complete', 'partial']),
  scenario: z.string(),
  fixed: z.record(z.string(), z.string()),
  axes: z.array(z.object({ name: z.string(), from: z.number(), to: z.number(), whole: z.boolean() })),
  by: z.enum(measures),
  model: z.string(),
  contextWindow: z.number(),
  evidence: z.string(),
  tokenCounts: z.string(),
  pricesAsOf: z.string(),
  latencyProfile: z.string(),
  seed: z.int(),
  points: z.array(sweepPointSchema),
  breakEvens: z.array(breakEvenSchema),
  overflow: z
    .array(z.object({ variant: z.string(), axis: z.string(), between: z.tuple([z.number(), z.number()]) }))
    .describe('Between which sizes variants stop fitting the window; none where there are two axes.'),
  placed: z
    .array(z.object({ scenario: z.string(), calls: figure, bytes: figure, verdict: z.string() }))
    .describe('Other scenarios by their calls and bytes per result, on a sweep over just these.'),
  forced: z
    .array(z.string())
    .optional()
    .describe('What had changed when the sweep was resumed nevertheless.'),
});

export type PointVerdict = z.infer<typeof pointVerdictSchema>;
export type PointResult = z.infer<typeof pointResultSchema>;
export type SweepPoint = z.infer<typeof sweepPointSchema>;
export type BreakEven = z.infer<typeof breakEvenSchema>;
export type SweepConfig = z.infer<typeof sweepConfigSchema>;
export type Sweep = z.infer<typeof sweepSchema>;
