import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunFiles } from '../../reports/page/page.ts';
import type { StoredRun } from '../../reports/page/workflow.ts';
import { collect, findIncomplete, type RunContents } from '../analysis/gate/baseline.ts';
import { InfrastructureError, messageOf, UsageError } from '../errors.ts';
import { readJson } from '../files.ts';
import type { Baseline } from '../results/baseline.ts';
import { type Point, pointFolder, variantKey } from '../results/point.ts';
import {
  breakEvenFolderName,
  journalFileName,
  pointsOf,
  readRecord,
  readSummary,
  runFileName,
} from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { type Sweep, sweepSchema } from '../results/sweep.ts';
import { readTrace } from '../results/trace.ts';
import { readJournal } from '../run/journal.ts';
import { readToolRecords } from '../run/tool-record.ts';
import { type Io, tell } from './io.ts';

/** Everything that a run directory says. Throws a `UsageError` where it is none. */
export function readRun(directory: string): RunContents {
  return {
    summary: readSummary(directory),
    run: readRecord(directory),
    tools: readToolRecords(directory),
    trials: readEnded(directory),
  };
}

function readEnded(directory: string): RunContents['trials'] {
  return [...(readJournal(join(directory, journalFileName))?.ended.values() ?? [])];
}

/** The trials of a summary's results, in their order: they end in any, where several are run at a time. */
function readTrials(directory: string, { results }: Summary): RunFiles['trials'] {
  const ended = Map.groupBy(readEnded(directory), ({ result }) => variantKey(result));
  return results.flatMap((result) =>
    (ended.get(variantKey(result)) ?? []).toSorted((a, b) => a.repeat - b.repeat),
  );
}

/**
 * The runs that lie in a folder, each in a folder of its own. What this version does not read is left out, and told. Throws a
 * `UsageError` where there is no run.
 */
export function readStored(folder: string, io: Io): StoredRun[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const directories = names
    .map((name) => join(folder, name))
    .filter((each) => existsSync(join(each, runFileName)));
  if (directories.length === 0) throw new UsageError(`${folder} holds no runs. It has a folder for each.`);
  return directories.flatMap((directory) => {
    try {
      return [{ startedAt: readRecord(directory).measured.startedAt, summary: readSummary(directory) }];
    } catch (error) {
      tell(io, `Left out: ${messageOf(error)}`);
      return [];
    }
  });
}

/** What a directory holds of a sweep; undefined where that is none. Throws a `UsageError` where it is damaged. */
export function readSweep(directory: string): Sweep | undefined {
  const file = join(directory, 'sweep.json');
  if (!existsSync(file)) return undefined;
  return readJson(file, sweepSchema, 'a sweep', 'It was changed since it was written.');
}

/** A run as it is compared. Throws an `InfrastructureError` where it did not measure all it planned. */
export function readCompleteRun(directory: string): Baseline {
  const contents = readRun(directory);
  const [first, ...others] = findIncomplete(contents);
  if (first === undefined) return collect(contents);
  throw new InfrastructureError([`The run in ${directory} is incomplete.`, first, ...others].join('\n'));
}

/**
 * What the page of a run is made of; `summary` is the run's own, or some of its workflows. Throws a `UsageError` where the
 * directory is not that of a run, or a file is damaged.
 */
export function openRunFiles(directory: string, summary: Summary): RunFiles {
  const record = readRecord(directory);
  const folderOf = (point: Point) => pointFolder(point, pointsOf(record));
  return {
    name: basename(directory),
    summary,
    record,
    trials: readTrials(directory, summary),
    traceOf: (result, repeat) =>
      readTrace(join(directory, 'trials', folderOf(result), result.variant, `${repeat}.jsonl`)),
    sweepOf(point) {
      return readSweep(join(directory, breakEvenFolderName, folderOf(point)));
    },
  };
}
