import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Command } from 'commander';
import { serializeBaseline } from '../analysis/gate/baseline.ts';
import { examineHolding } from '../analysis/gate/holding.ts';
import { UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import type { Baseline } from '../results/baseline.ts';
import { type Act, type Io, tell } from './io.ts';
import { readCompleteRun } from './read-run.ts';

type SaveOptions = { run: string; file: string };

/** `baseline save`: what a run measured, as a small file to commit. */
export function baselineCommand(io: Io, act: Act): Command {
  const command = new Command('save')
    .description('reduce a run to a small file, the same byte for byte whenever the same was measured')
    .requiredOption('--run <dir>', 'the directory of a complete run')
    .requiredOption(
      '--file <file>',
      'the file to write, usually committed; paths of your scenarios are kept relative to it',
    )
    .addHelpText(
      'after',
      '\nLive trials that are too few to ever stop a fall in correctness are refused, with the number needed. Amounts that vary too much to see them double are named.',
    )
    .action(act((options: SaveOptions) => save(options, io)));
  return new Command('baseline')
    .description('keep a run for later runs to be held against')
    .addCommand(command);
}

function save({ run, file }: SaveOptions, io: Io): number {
  const path = resolve(io.cwd, file);
  const baseline = readCompleteRun(resolve(io.cwd, run));
  const { refused, weak } = examineHolding(baseline);
  if (refused.length > 0) {
    throw new UsageError(
      `Too few trials to hold anything; run again with more (--trials):\n${refused.join('\n')}`,
    );
  }
  replaceFile(path, serializeBaseline(withRelativePaths(baseline, dirname(path))), UsageError);
  const variants = baseline.scenarios.reduce((sum, each) => sum + each.variants.length, 0);
  for (const note of weak) tell(io, `Warning: ${note}`);
  tell(io, `${file}: ${baseline.scenarios.length} scenarios, ${variants} results.`);
  return 0;
}

/** A committed file must mean the same in every checkout. */
function withRelativePaths(baseline: Baseline, folder: string): Baseline {
  const toRelative = (path: string) => relative(folder, findHere(path, folder)).split(sep).join('/');
  return {
    ...baseline,
    scenarios: baseline.scenarios.map((scenario) =>
      scenario.path === undefined ? scenario : { ...scenario, path: toRelative(scenario.path) },
    ),
  };
}

/** A run of another machine names its folders there; here, it is the one that ends alike, below the baseline's folder. */
function findHere(path: string, folder: string): string {
  if (existsSync(path)) return path;
  const names = path.split(/[\\/]/);
  const ends = names.map((_, index) => join(folder, ...names.slice(index)));
  return ends.find((end) => existsSync(join(end, 'scenario.ts'))) ?? path;
}
