import { existsSync } from 'node:fs';
import { z } from 'zod';
import { readJson, writeJson } from '../files.ts';

export const workRecordFormat = 'patternbench.work/v1';

const digest = z.string().regex(/^[0-9a-f]{16}$/);

/** One call that a server answered: which tool, its arguments, its result, and whether the trial had written before. */
const callSchema = z.tuple([z.int().nonnegative(), digest, digest, z.int().nonnegative(), z.boolean()]);

/**
 * `<repeat>.work.json`, beside the trace of a trial: what was asked of the servers and what they answered, by digest, so that
 * trials can be held against each other. `calls` are in the order in which they were made: the index of the tool, the digests
 * of arguments and result, the result's bytes, and whether an earlier call of the trial may have written. The beginnings of the
 * first results and arguments are kept, to show where they differ.
 */
export const workRecordSchema = z.strictObject({
  format: z.literal(workRecordFormat),
  tools: z.array(z.strictObject({ server: z.string(), tool: z.string(), readOnly: z.boolean() })),
  calls: z.array(callSchema),
  /** Calls beyond those that are kept. */
  left: z.int().nonnegative(),
  texts: z.record(digest, z.string()),
});

export type WorkRecord = z.infer<typeof workRecordSchema>;

/** The file of a trial's record, next to its trace. */
function fileOf(traceFile: string): string {
  return traceFile.replace(/\.jsonl$/, '.work.json');
}

/** Writes the record of a trial beside its trace. Throws an `InfrastructureError` where the disk refuses. */
export function writeWorkRecord(traceFile: string, record: WorkRecord): void {
  writeJson(fileOf(traceFile), record, 0);
}

/** Reads the record of a trial; undefined where it has none. Throws a `UsageError` where it is not one. */
export function readWorkRecord(traceFile: string): WorkRecord | undefined {
  const file = fileOf(traceFile);
  if (!existsSync(file)) return undefined;
  return readJson(
    file,
    workRecordSchema,
    'the work record of a trial',
    'It was changed since the run wrote it.',
  );
}

/** What to do where trials do not find the same state. */
export const sameState = `Each trial must start from the same state: keep it in \${PATTERNBENCH_TRIAL_DIR}, prepare it in setup, or reset the server. Fields that may differ go into volatile.`;
