import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.ts';
import { makeDirectory } from '../make-directory.ts';
import { evidences } from '../results/codes.ts';
import { writeJson } from '../write-json.ts';
import { lockRun } from './run-lock.ts';
import { type Summary, summarySchema } from './summary.ts';

export const runFormat = 'patternbench.run/v1';

/** The log of every call to a server, beside `run.json`. */
export const auditFileName = 'audit.jsonl';

/** The outcome of every trial, beside `run.json`. */
export const journalFileName = 'results.jsonl';

/** In a merged run, what each of the runs that it was merged from says of itself: a folder for each, from 1. */
export const partsFolderName = 'parts';

/** `run.json`: what is needed to understand and repeat a run. */
export const runSchema = z.strictObject({
  format: z.literal(runFormat),
  status: z.enum(['complete', 'partial']),
  versions: z.record(z.string(), z.string()),
  seed: z.int(),
  model: z.looseObject({ id: z.string() }),
  evidence: z.enum(evidences),
  latencyProfile: z.looseObject({ name: z.string() }),
  variants: z.array(z.string()),
  isolation: z.string(),
  /** Name, parameters and SHA-256 over the files of every scenario. */
  scenarios: z.array(
    z.strictObject({ name: z.string(), params: z.record(z.string(), z.unknown()), hash: z.string() }),
  ),
  /** What the run was asked for, as the command line read it: all that a resumed run needs. */
  config: z
    .strictObject({ scenarios: z.array(z.string()), options: z.record(z.string(), z.unknown()) })
    .optional(),
  /** Present where the run executed one part of a plan: which, and what the whole plan is. */
  shard: z
    .strictObject({
      index: z.int().positive(),
      of: z.int().positive(),
      scenarios: z.array(z.string()),
      trials: z.int().nonnegative(),
    })
    .optional(),
  /** What had changed when the run was resumed nevertheless. */
  forced: z.array(z.string()).optional(),
  measured: z.looseObject({ startedAt: z.string() }),
});

export type RunRecord = z.infer<typeof runSchema>;

/** A run's directory; the run is its only writer. */
export type RunDirectory = {
  path: string;
  writeRun(record: RunRecord): void;
  writeSummary(summary: Summary): void;
  traceFile(scenario: string, variant: string, repeat: number): string;
  auditFile: string;
  summaryFile: string;
  journalFile: string;
  /** The dead process that the directory was taken over from. */
  takenOverFrom: number | undefined;
  /** Lets go of the directory. */
  close(): void;
};

/**
 * Creates the directory of a new run. One that a run left which was killed before it wrote anything of its own is as good as
 * a new one. Throws a `UsageError` where something else is there already or it cannot be made.
 */
export function createRunDirectory(path: string): RunDirectory {
  try {
    if (existsSync(path) && !isUnused(path)) {
      throw new UsageError(
        `${path} is not empty; a run is never written over another. Choose another --out.`,
      );
    }
    makeDirectory(join(path, 'trials'));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = messageOf(error);
    throw new UsageError(`The run directory ${path} cannot be made: ${reason}`, { cause: error });
  }
  return reopenRunDirectory(path);
}

/** Whether a directory holds nothing but what a run makes before its `run.json`: a lock and a place for traces. */
function isUnused(path: string): boolean {
  return readdirSync(path).every((name) =>
    name === 'trials'
      ? readdirSync(join(path, name)).length === 0
      : name === 'run.json.tmp' || /^run\.lock(\.|$)/.test(name),
  );
}

/** Opens the directory of a run that was begun. Throws a `UsageError` while another process writes it. */
export function reopenRunDirectory(path: string): RunDirectory {
  const lock = lockRun(path);
  return {
    path,
    journalFile: join(path, journalFileName),
    takenOverFrom: lock.takenOverFrom,
    close: () => lock.release(),
    writeRun: (record) => writeJson(join(path, 'run.json'), record),
    writeSummary: (summary) => writeJson(join(path, 'summary.json'), summary),
    auditFile: join(path, auditFileName),
    summaryFile: join(path, 'summary.json'),
    traceFile: (scenario, variant, repeat) => join(path, 'trials', scenario, variant, `${repeat}.jsonl`),
  };
}

/** Reads a run's summary. Throws a `UsageError` that says what is wrong with it. */
export function readSummary(directory: string): Summary {
  const file = join(directory, 'summary.json');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(`${file} cannot be read: ${reason}. Is ${directory} the directory of a run?`, {
      cause: error,
    });
  }
  const summary = summarySchema.safeParse(json);
  if (summary.success) return summary.data;
  throw new UsageError(
    `${file} is not a summary that this version reads:\n${z.prettifyError(summary.error)}`,
  );
}
