import { z } from 'zod';
import { categories, evidences, measures } from './codes.ts';
import { paramsSchema, pointKey } from './point.ts';
import type { RunRecord } from './run.ts';
import { conditionsSchema } from './world.ts';

const limit = z.int().positive().nullable();

/** What a run was told that decides its figures or its verdicts, defaults written out. */
const settingsSchema = z.object({
  caching: z
    .enum(['off', 'cold', 'warm'])
    .describe('The prompt cache of a trial: none, empty at its beginning, or as earlier trials left it.'),
  thinking: z.union([z.literal('adaptive'), z.number()]).nullable(),
  maxRoundTrips: limit,
  maxTokens: limit,
  by: z.enum(measures).describe('What verdicts weigh by, and how small a difference is none.'),
  margin: z.number(),
  latencyProfile: z.string(),
  conditions: conditionsSchema.optional(),
});

type Settings = z.infer<typeof settingsSchema>;

/** The options of `run` as its record has them; what a record does not say was left to its default. */
const recordedOptions = z.object({
  cache: z.enum(['off', 'cold', 'warm']).default('cold'),
  thinking: settingsSchema.shape.thinking.default(null),
  maxRoundTrips: limit.default(null),
  maxTokens: limit.default(null),
  by: settingsSchema.shape.by.default('cost'),
  margin: settingsSchema.shape.margin.default(0.1),
});

export function readSettings({ config, latencyProfile, conditions }: RunRecord): Settings {
  const { cache: caching, ...options } = recordedOptions.parse(config?.options ?? {});
  return { caching, ...options, latencyProfile: latencyProfile.name, ...(conditions && { conditions }) };
}

export const baselineFormat = 'patternbench.baseline/v1';

const count = z.int().nonnegative();
/** A count of one trial, or the mean over several. */
const mean = z.number().nonnegative();
const share = z.number().min(0).max(1);
/** Enough digits of a hash to see a change; they defend against no one. */
const shortHash = z.string();
const evidence = z.enum(evidences);

/** The amounts that are compared, in the order in which they are shown. */
export const amounts = [
  'billedTokens',
  'contextTokens',
  'roundTrips',
  'toolCalls',
  'costCached',
  'costUncached',
] as const;

/** The figures that are compared. */
export const metrics = [...amounts, 'correct'] as const;

/** What one variant came to, without anything that was measured on a machine. */
const figuresSchema = z.object({
  billedTokens: mean,
  contextTokens: mean,
  roundTrips: mean,
  toolCalls: mean,
  costCached: z
    .number()
    .nonnegative()
    .nullable()
    .describe('USD with the prompt cache as billed, and without one; null where a price is unknown.'),
  costUncached: z.number().nonnegative().nullable(),
  correct: share.nullable(),
  ledger: z
    .partialRecord(z.enum(categories), mean)
    .describe(
      'Tokens in the context by ledger category, each counted once. Categories without any are left out.',
    ),
});

/** What one tool's results took; what is 0 is left out. */
const resultsOfTool = z.object({
  calls: count,
  errors: count.optional(),
  bytes: count,
  tokens: count.optional().describe('Of the results that went to the model itself.'),
  error: z
    .string()
    .optional()
    .describe('Text of the error that came most often. A run has it, a baseline file does not.'),
});

const variantSchema = z.object({
  variant: z.string(),
  evidence,
  status: z.string(),
  trials: count,
  figures: figuresSchema,
  hypothetical: figuresSchema
    .optional()
    .describe('Where a trial did not fit its window: what the whole job would have come to.'),
  noise: z
    .partialRecord(z.enum(amounts), z.number().nonnegative())
    .optional()
    .describe(
      "Standard deviation over mean of each amount's trials; present where the evidence is sampled, with two trials or more.",
    ),
  counting: z
    .object({
      exact: share.describe('Of the tokens of texts, the share that the provider’s tokenizer counted.'),
      off: z
        .number()
        .nonnegative()
        .describe('By what share the figures may be off at 90 %, as the others were estimated.'),
    })
    .optional()
    .describe('How the tokens were counted; absent where a provider counted whole requests.'),
  results: z.record(z.string(), resultsOfTool).describe('By `server.tool`; of the first trial.'),
});

/** One tool's definition: tokens that classic declares and that code looks up, and a hash of each of its parts. */
const definitionSchema = z.object({
  classic: count,
  code: count,
  description: shortHash.describe('Title and annotations included.'),
  input: shortHash.describe('Schemas of arguments and results, with all their properties.'),
  output: shortHash.optional(),
});

/** What servers put before a model. */
const surfaceSchema = z.object({
  instructions: z.record(z.string(), z.object({ tokens: count, hash: shortHash })),
  tools: z.record(z.string(), definitionSchema).describe('By `server.tool`.'),
});

/** Merged files may have the same twice; which of the two holds is then left to chance. */
function areDistinct(variants: readonly z.infer<typeof variantSchema>[]): boolean {
  return (
    new Set(variants.map(({ variant, evidence: kind }) => `${variant} ${kind}`)).size === variants.length
  );
}

const scenarioSchema = z.object({
  scenario: z.string(),
  path: z
    .string()
    .optional()
    .describe('Folder of a scenario that is not a bundled one, relative to the baseline file, with slashes.'),
  params: paramsSchema,
  hash: shortHash.describe("Start of the SHA-256 over the scenario's files."),
  verdict: z.string().nullable().describe('What was recommended, and the kind of its reason.'),
  because: z.string().nullable(),
  trialsNeeded: z
    .int()
    .positive()
    .nullable()
    .optional()
    .describe('Trials a side that could settle an open verdict. A run has it, a baseline file does not.'),
  surface: z.string().nullable().describe('Key of `surfaces`; null where the run did not record it.'),
  fields: z
    .record(z.string(), z.record(z.string(), count))
    .describe(
      'Bytes of result fields by tool, two names deep (`order.total`, `contacts[].notes`), where most calls were made.',
    ),
  variants: z
    .array(variantSchema)
    .min(1, 'it holds nothing of this workflow')
    .refine(areDistinct, 'a variant is in it twice'),
});

/**
 * A run reduced to what a later one is compared with: small enough to be reviewed in a pull request, and byte for byte the
 * same whenever the same was measured.
 */
export const baselineSchema = z.object({
  format: z.literal(baselineFormat),
  seed: z.int(),
  model: z
    .looseObject({ id: z.string(), asOf: z.string().optional(), prices: z.unknown() })
    .describe('The whole catalogue entry: its prices, window and overheads decide what is billed.'),
  tokenizer: z.string(),
  settings: settingsSchema,
  options: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'What the run was asked for, as its run.json has it, without places on one machine: a gate starts from it.',
    ),
  scenarios: z
    .array(scenarioSchema)
    .min(1, 'it holds no workflow, so that any run would pass')
    .superRefine((scenarios, { addIssue }) => {
      const points = Map.groupBy(scenarios, (each) => pointKey(each));
      for (const [first, second] of points.values()) {
        if (first && second) addIssue({ code: 'custom', message: `${first.scenario} is in it twice` });
      }
    }),
  surfaces: z
    .record(z.string(), surfaceSchema)
    .describe('By a hash of each, so that scenarios share what is the same.'),
});

export type Figures = z.infer<typeof figuresSchema>;
export type Surface = z.infer<typeof surfaceSchema>;
export type Definition = z.infer<typeof definitionSchema>;
export type ToolResults = z.infer<typeof resultsOfTool>;
export type Baseline = z.infer<typeof baselineSchema>;
export type BaselineScenario = Baseline['scenarios'][number];
export type BaselineVariant = BaselineScenario['variants'][number];
export type AmountName = (typeof amounts)[number];
export type Metric = (typeof metrics)[number];

/** Whether a variant's figures are one sample of what a model may do. What is scripted or replayed comes out the same again. */
export function isSampled({ evidence: kind }: Pick<BaselineVariant, 'evidence'>): boolean {
  return kind === 'live';
}
