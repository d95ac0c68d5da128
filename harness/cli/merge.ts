import { resolve } from 'node:path';
import { findIncomplete } from '../analysis/gate/baseline.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import { merge, writeMerged } from '../run/merge.ts';
import type { Asked } from './add-options.ts';
import { type Io, tell } from './io.ts';
import { refuseRunFiles } from './outputs.ts';
import { readRun } from './read-run.ts';
import { showRun } from './show-run.ts';

/** `merge`: the shards of a run, or runs of different scenarios, as the one run that they are parts of. */
export async function mergeRuns(
  directories: string[],
  { options }: Asked<'merge', { out: string }>,
  io: Io,
): Promise<number> {
  const target = resolve(io.cwd, options.out);
  refuseRunFiles(target, options);
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
