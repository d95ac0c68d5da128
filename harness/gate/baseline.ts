import { z } from 'zod';
import { categories } from '../meter/ledger.ts';
import { definitionSizesSchema, partSchema } from '../run/tool-record.ts';
import { settingsSchema } from './settings.ts';

export const baselineFormat = 'patternbench.baseline/v1';

const count = z.int().nonnegative();
/** A count of one trial, or the mean over several. */
const mean = z.number().nonnegative();
const share = z.number().min(0).max(1);
const evidence = z.enum(['scripted', 'replayed', 'live']);
const params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** What one variant came to, without anything that was measured on a machine. */
export const figuresSchema = z.strictObject({
  billedTokens: mean,
  contextTokens: mean,
  roundTrips: mean,
  toolCalls: mean,
  /** USD with the prompt cache as billed, and without one; null where a price is unknown. */
  costCached: z.number().nonnegative().nullable(),
  costUncached: z.number().nonnegative().nullable(),
  correct: share.nullable(),
  /** Tokens by ledger category: each counted once, and as billed with history. Categories without any are left out. */
  ledger: z.partialRecord(z.enum(categories), z.strictObject({ context: mean, billed: mean })),
});

/** One value for each trial, in order of repeat; what intervals are made of where the evidence is live. */
export const samplesSchema = z.strictObject({
  billedTokens: z.array(z.number()),
  contextTokens: z.array(z.number()),
  roundTrips: z.array(z.number()),
  toolCalls: z.array(z.number()),
  costCached: z.array(z.number()),
  costUncached: z.array(z.number()),
  correct: z.array(share),
});

const resultsOfTool = z.strictObject({
  calls: count,
  errors: count,
  bytes: count,
  /** Of the results that went to the model itself. */
  tokens: count,
  fields: z.record(z.string(), count),
});

const variantSchema = z.strictObject({
  variant: z.string(),
  evidence,
  pattern: z.string(),
  status: z.string(),
  trials: count,
  figures: figuresSchema,
  /** Where a trial did not fit its window: what the whole job would have come to. */
  hypothetical: figuresSchema.optional(),
  samples: samplesSchema.optional(),
  /** By `server.tool`; of the first trial. */
  results: z.record(z.string(), resultsOfTool),
});

const scenarioSchema = z.strictObject({
  scenario: z.string(),
  params,
  /** SHA-256 over the scenario's files. */
  hash: z.string(),
  verdict: z.string().nullable(),
  /** What its servers put before a model; null where the run did not record it. `tools` are keys of `definitions`. */
  surface: z
    .strictObject({ instructions: z.record(z.string(), partSchema), tools: z.array(z.string()) })
    .nullable(),
  variants: z.array(variantSchema),
});

/**
 * A run reduced to what a later one is compared with: small enough to be committed, and byte for byte the same whenever
 * the same was measured.
 */
export const baselineSchema = z.strictObject({
  format: z.literal(baselineFormat),
  seed: z.int(),
  /** The whole catalogue entry: its prices, window and overheads decide what is billed. */
  model: z.looseObject({ id: z.string(), asOf: z.string().optional(), prices: z.unknown() }),
  tokenizer: z.string(),
  /** Rates of the mistakes that a scripted model was told to make; null for a perfect one. */
  imperfections: z.record(z.string(), z.number()).nullable(),
  settings: settingsSchema,
  scenarios: z.array(scenarioSchema),
  /** By `server.tool#hash`, so that scenarios share what is the same. */
  definitions: z.record(z.string(), definitionSizesSchema.omit({ hash: true })),
});

export type Figures = z.infer<typeof figuresSchema>;
export type Samples = z.infer<typeof samplesSchema>;
export type Baseline = z.infer<typeof baselineSchema>;
export type BaselineScenario = Baseline['scenarios'][number];
export type BaselineVariant = BaselineScenario['variants'][number];

/** The figures that are compared, in the order in which they are shown. */
export const metrics = [
  'billedTokens',
  'contextTokens',
  'roundTrips',
  'toolCalls',
  'costCached',
  'costUncached',
  'correct',
] as const;

export type Metric = (typeof metrics)[number];

/** The bytes of a baseline file: keys sorted, and a line for whatever fits on one, so that a change reads as a difference. */
export function serializeBaseline(baseline: Baseline): string {
  return `${layOut(sortKeys(baseline), '')}\n`;
}

/** Whether two values are the same but for the order of their keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
}

const lineWidth = 110;

/** `before` counts the characters that the line has already. Spaces are where formatters of JSON put them. */
function layOut(value: unknown, indent: string, before = 0): string {
  const line = onOneLine(value);
  if (typeof value !== 'object' || value === null || before + line.length < lineWidth) return line;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const members = Object.entries(value).map(([name, member]) => {
    const key = Array.isArray(value) ? inner : `${inner}${JSON.stringify(name)}: `;
    return `${key}${layOut(member, inner, key.length)}`;
  });
  return `${open}\n${members.join(',\n')}\n${indent}${close}`;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${onOneLine(member)}`,
  );
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}';
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, member]) => [key, sortKeys(member)]));
}
