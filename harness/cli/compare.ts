import { Command } from 'commander';
import { toComparisonMarkdown } from '../../reports/gate/comparison.ts';
import { collect, findIncomplete } from '../gate/collect.ts';
import { compare } from '../gate/compare.ts';
import { readRun } from './read-run.ts';

/** `compare`: two runs side by side, without running anything. Exits with 3 where one of them is incomplete. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('show what changed between two runs, paired by scenario, parameters, variant and model')
    .argument('<before>', 'the directory of a run')
    .argument('<after>', 'the directory of another run')
    .option('--json', 'print it as JSON')
    .action((before: string, after: string, { json }: { json?: boolean }) => {
      const runs = [before, after].map(readRun) as [ReturnType<typeof readRun>, ReturnType<typeof readRun>];
      for (const [index, run] of runs.entries()) {
        for (const reason of findIncomplete(run)) {
          console.error(`${[before, after][index]}: ${reason}`);
          process.exitCode = 3;
        }
      }
      const comparison = compare(collect(runs[0]), collect(runs[1]));
      process.stdout.write(
        json
          ? `${JSON.stringify(comparison, null, 2)}\n`
          : toComparisonMarkdown(comparison, { before, after }),
      );
    });
}
