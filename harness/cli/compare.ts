import { resolve } from 'node:path';
import { Command } from 'commander';
import { toJson } from '../../reports/exporters.ts';
import { toComparisonMarkdown } from '../../reports/gate/decision.ts';
import { collect, findIncomplete } from '../analysis/gate/baseline.ts';
import { compare } from '../analysis/gate/compare-runs.ts';
import type { Baseline } from '../results/baseline.ts';
import { type Act, type Io, tell } from './io.ts';
import { readRun } from './read-run.ts';

type Read = { contents: Baseline; isComplete: boolean };

/** `compare`: two runs side by side, without running anything. Exits with 3 where one of them is incomplete. */
export function compareCommand(io: Io, act: Act): Command {
  return new Command('compare')
    .description('show what changed between two runs, paired by scenario, parameters, variant and model')
    .argument('<before>', 'the directory of a run')
    .argument('<after>', 'the directory of another run')
    .option('--json', 'print it as JSON')
    .action(
      act((before: string, after: string, options: { json?: boolean }) =>
        compareRuns(before, after, options, io),
      ),
    );
}

function compareRuns(before: string, after: string, { json }: { json?: boolean }, io: Io): number {
  const [first, second] = [before, after].map((directory) => {
    const run = readRun(resolve(io.cwd, directory));
    const incomplete = findIncomplete(run);
    for (const reason of incomplete) tell(io, `${directory}: ${reason}`);
    return { contents: collect(run), isComplete: incomplete.length === 0 };
  }) as [Read, Read];
  const comparison = compare(first.contents, second.contents);
  io.stdout.write(json ? toJson(comparison) : toComparisonMarkdown(comparison, { before, after }));
  return first.isComplete && second.isComplete ? 0 : 3;
}
