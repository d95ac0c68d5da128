import { resolve } from 'node:path';
import { Command } from 'commander';
import { findIncomplete } from '../analysis/gate/baseline.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import { merge, writeMerged } from '../run/merge.ts';
import { addOptions, type Options } from './add-options.ts';
import { type Act, type Io, tell } from './io.ts';
import { readRun } from './read-run.ts';
import { showRun } from './show-run.ts';

type MergeOptions = Options<'merge'> & { out: string };

/** `merge`: the shards of a run, or runs of different scenarios, as the one run that they are parts of. */
export function mergeCommand(io: Io, act: Act): Command {
  const command = new Command('merge')
    .description('join run directories, such as the shards of a CI matrix, into one; refuses what differs')
    .argument('<dir...>', 'directories of runs')
    .requiredOption('--out <dir>', 'where the joined run directory is written');
  return addOptions(command, 'merge', io).action(
    act((directories: string[], options: MergeOptions) => runMerge(directories, options, io)),
  );
}

async function runMerge(directories: string[], options: MergeOptions, io: Io): Promise<number> {
  const target = resolve(io.cwd, options.out);
  const paths = [...new Set(directories.map((directory) => resolve(io.cwd, directory)))];
  if (paths.length < directories.length) throw new UsageError('A directory is named twice.');
  const parts = paths.map((path, index) => ({ name: directories[index] ?? path, ...readRun(path) }));
  const merged = merge(parts);
  if (merged.status === 'refused') {
    throw new UsageError(
      `These runs cannot be merged:\n${merged.reasons.map((reason) => `- ${reason}`).join('\n')}`,
    );
  }
  const summary = writeMerged(merged, paths, target);
  const { missing } = merged;
  await showRun(summary, target, { ...options, tenants: 1 }, io);
  tell(io, `Run directory: ${target}`);
  if (missing.length > 0) throw new InfrastructureError(`The merged run is partial:\n${missing.join('\n')}`);
  const incomplete = findIncomplete({ summary });
  for (const reason of incomplete) tell(io, reason);
  return incomplete.length === 0 ? 0 : 3;
}
