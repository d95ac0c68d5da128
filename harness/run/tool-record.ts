import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJson } from '../files.ts';
import type { Tokenizer } from '../meter/tokenizer.ts';
import { type ToolRecord, toolRecordFormat, toolRecordSchema } from '../results/tools.ts';
import type { Redact } from '../tools/mcp/secrets.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import { measureDefinitions, measureInstructions } from './definition-sizes.ts';
import type { Trial } from './plan.ts';
import type { ResultSizeMeter } from './result-sizes.ts';

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
  writeJson(traceFile.replace(/\.jsonl$/, '.tools.json'), record, 0);
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
