import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { toMarkdown } from '../../reports/run/view.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import { findIncomplete } from '../gate/collect.ts';
import { type MergePart, merge } from '../merge/merge.ts';
import { writeMerged } from '../merge/merge-directories.ts';
import { readRun } from './read-run.ts';

type MergeOptions = { out: string; json?: boolean };

/** `merge`: the shards of a run, or runs of different scenarios, as the one run that they are parts of. */
export function mergeCommand(): Command {
  return new Command('merge')
    .description('join run directories, such as the shards of a CI matrix, into one; refuses what differs')
    .argument('<dir...>', 'directories of runs')
    .requiredOption('--out <dir>', 'where the joined run directory is written')
    .option('--json', 'print its summary.json on standard output, and nothing else')
    .action(runMerge);
}

function runMerge(directories: string[], { out, json }: MergeOptions): void {
  const paths = [...new Set(directories.map((directory) => resolve(directory)))];
  if (paths.length < directories.length) throw new UsageError('A directory is named twice.');
  const parts = paths.map((path, index) => readPart(directories[index] ?? path, path));
  const merged = merge(parts);
  if (merged.status === 'refused') {
    throw new UsageError(
      `These runs cannot be merged:\n${merged.reasons.map((reason) => `- ${reason}`).join('\n')}`,
    );
  }
  writeMerged(merged, paths, resolve(out));
  const { summary, missing } = merged;
  process.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : toMarkdown(summary));
  console.error(`Run directory: ${resolve(out)}`);
  if (missing.length > 0) throw new InfrastructureError(`The merged run is partial:\n${missing.join('\n')}`);
  for (const reason of findIncomplete({ summary })) {
    console.error(reason);
    process.exitCode = 3;
  }
}

/** A part as it stands on disk: what a schema gives has its keys in another order, and the joined bytes must be the same. */
function readPart(name: string, path: string): MergePart {
  readRun(path);
  const read = (file: string) => JSON.parse(readFileSync(join(path, file), 'utf8'));
  return { name, run: read('run.json'), summary: read('summary.json') };
}
