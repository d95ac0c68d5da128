import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InfrastructureError, messageOf } from '../errors.ts';
import type { Redact } from '../mcp/secrets.ts';
import type { Surface } from '../mcp/surface.ts';
import type { Tokenizer } from '../meter/tokenizer.ts';
import type { Trial } from '../plan/plan.ts';
import { readJson } from '../read-json.ts';
import { measureDefinitions, measureInstructions } from './definition-sizes.ts';
import type { ResultSizeMeter } from './result-sizes.ts';

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
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
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

/** Writes the record of a trial beside its trace. Throws an `InfrastructureError` where the disk refuses. */
export function writeToolRecord(
  traceFile: string,
  trial: Trial,
  {
    surface,
    results,
    redact = (text) => text,
    tokenizer,
  }: {
    surface: Surface;
    results: ResultSizeMeter;
    /** Fields are named by servers. */
    redact?: Redact | undefined;
    tokenizer: Tokenizer;
  },
): void {
  const record: ToolRecord = {
    format: toolRecordFormat,
    scenario: trial.scenario.name,
    params: trial.params,
    variant: trial.variant.name,
    model: trial.model.id,
    repeat: trial.repeat,
    instructions: measureInstructions(surface, tokenizer),
    definitions: measureDefinitions(surface, tokenizer),
    results: results.read().map((sizes) => ({
      ...sizes,
      ...(sizes.error !== undefined && { error: redact(sizes.error) }),
      fields: Object.fromEntries(Object.entries(sizes.fields).map(([name, bytes]) => [redact(name), bytes])),
    })),
  };
  const file = traceFile.replace(/\.jsonl$/, '.tools.json');
  try {
    writeFileSync(`${file}.tmp`, `${JSON.stringify(record)}\n`);
    renameSync(`${file}.tmp`, file);
  } catch (error) {
    const reason = messageOf(error);
    throw new InfrastructureError(`${file} cannot be written: ${reason}`, { cause: error });
  }
}

/** All tool records of a run, wherever under `trials` they lie; in order of path. */
export function readToolRecords(directory: string): ToolRecord[] {
  const trials = join(directory, 'trials');
  let names: string[];
  try {
    names = readdirSync(trials, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.tools.json'))
    .sort()
    .map((name) =>
      readJson(
        join(trials, name),
        toolRecordSchema,
        'the tool record of a trial',
        'It was changed since the run wrote it.',
      ),
    );
}
