import { join } from 'node:path';
import { collect, findIncomplete, type RunContents } from '../analysis/gate/baseline.ts';
import { InfrastructureError } from '../errors.ts';
import type { Baseline } from '../results/baseline.ts';
import { journalFileName, readRecord, readSummary } from '../results/run.ts';
import { readJournal } from '../run/journal.ts';
import { readToolRecords } from '../run/tool-record.ts';

/** Everything that a run directory says. Throws a `UsageError` where it is none. */
export function readRun(directory: string): RunContents {
  return {
    summary: readSummary(directory),
    run: readRecord(directory),
    tools: readToolRecords(directory),
    trials: [...(readJournal(join(directory, journalFileName))?.ended.values() ?? [])],
  };
}

/** A run as it is compared. Throws an `InfrastructureError` where it did not measure all it planned. */
export function readCompleteRun(directory: string): Baseline {
  const contents = readRun(directory);
  const [first, ...others] = findIncomplete(contents);
  if (first === undefined) return collect(contents);
  throw new InfrastructureError([`The run in ${directory} is incomplete.`, first, ...others].join('\n'));
}
