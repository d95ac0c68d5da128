import { z } from 'zod';
import { findNamed } from '../nearest.ts';
import table from './models.json' with { type: 'json' };

/** USD per million tokens. A tier applies to the whole request when its prompt has at most `maxPromptTokens`. */
const priceTier = z.strictObject({
  maxPromptTokens: z.int().positive().nullable(),
  input: z.number().nonnegative(),
  cacheWrite5m: z.number().nonnegative(),
  cacheWrite1h: z.number().nonnegative(),
  cacheRead: z.number().nonnegative(),
  output: z.number().nonnegative(),
});

const modelEntry = z.strictObject({
  id: z.string(),
  class: z.enum(['opus', 'sonnet', 'haiku']),
  /** The tokenizer family, which picks the local estimate. */
  tokenizer: z.enum(['claude-3', 'claude-4.7']),
  /** Tokens around one message, recorded from the provider's counting endpoint for a user message of this family. */
  messageFrameTokens: z.int().nonnegative(),
  contextWindow: z.int().positive(),
  maxOutput: z.int().positive(),
  /** Prefixes shorter than this are silently not cached. */
  minCachePrefix: z.int().nonnegative(),
  /** The system prompt that the provider adds whenever a tool is sent; null where it is not documented. */
  toolUseSystemTokens: z.strictObject({ auto: z.int(), any: z.int() }).nullable(),
  /** When the documentation was read. */
  asOf: z.string(),
  prices: z.array(priceTier),
});

export type PriceTier = z.infer<typeof priceTier>;
export type ModelEntry = z.infer<typeof modelEntry>;

const catalogue: ModelEntry[] = z.array(modelEntry).parse(table.models);

/** The model that scripted runs are billed as unless told otherwise: every constant it needs is documented. */
export const defaultModelId = 'claude-sonnet-5';

/** All models whose prices, windows and overheads are known, in the order of the table. */
export function listModels(): readonly ModelEntry[] {
  return catalogue;
}

/** The catalogue entry of a model id. Throws a `UsageError` that names the nearest known ids. */
export function findModel(id: string): ModelEntry {
  return findNamed('model', id, catalogue, (model) => model.id, 3);
}

/**
 * Tokens of the tool-use system prompt under `tool_choice: auto`. Where the model's own figure is not documented, that of
 * the last documented model of its class stands in, and `documented` is false.
 */
export function toolUseSystemTokens(model: ModelEntry): { tokens: number; documented: boolean } {
  if (model.toolUseSystemTokens) return { tokens: model.toolUseSystemTokens.auto, documented: true };
  return { tokens: model.class === 'opus' ? 286 : 354, documented: false };
}
