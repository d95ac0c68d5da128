import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UsageError } from '../errors.ts';
import { makeDirectory, writeJson } from '../files.ts';
import { auditFileName, journalFileName, type RunRecord } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { lockRun } from './run-lock.ts';

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
