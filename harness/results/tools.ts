import { z } from 'zod';
import { paramsSchema } from './point.ts';

export const toolRecordFormat = 'patternbench.tools/v1';

const count = z.int().nonnegative();

/** One part of a definition: its tokens, and enough of a hash to see that it changed. */
export const partSchema = z.strictObject({ tokens: count, hash: z.string() });

/** What one tool's definition takes. `declaredTokens` is what classic sends up front, `declarationTokens` what code looks up. */
export const definitionSizesSchema = z.strictObject({
  server: z.string(),
  tool: z.string(),
  hash: z.string(),
  declaredTokens: count,
  declarationTokens: count,
  parts: z.record(z.string(), partSchema),
});

/** What the results of one tool took in a trial: `bytes` of all of them, `tokens` of those that went to the model itself. */
export const resultSizesSchema = z.strictObject({
  server: z.string(),
  tool: z.string(),
  calls: count,
  errors: count,
  bytes: count,
  tokens: count,
  /** Text of the error that came most often, cut off; absent where there was none. */
  error: z.string().optional(),
  /** Bytes of values by field, two names deep: `order.total`, `contacts[].notes`. */
  fields: z.record(z.string(), count),
});

/**
 * `<repeat>.tools.json`, beside the trace of a trial: sizes of the definitions that its servers listed and of the results
 * they gave, from which a change of the bill is attributed. Of contents it holds one error text a tool, and nothing measured.
 */
export const toolRecordSchema = z.strictObject({
  format: z.literal(toolRecordFormat),
  scenario: z.string(),
  params: paramsSchema,
  variant: z.string(),
  model: z.string(),
  repeat: z.int().positive(),
  instructions: z.record(z.string(), partSchema),
  definitions: z.array(definitionSizesSchema),
  results: z.array(resultSizesSchema),
});

export type Part = z.infer<typeof partSchema>;
export type DefinitionSizes = z.infer<typeof definitionSizesSchema>;
export type ResultSizes = z.infer<typeof resultSizesSchema>;
export type ToolRecord = z.infer<typeof toolRecordSchema>;
