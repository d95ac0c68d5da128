import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { exporters } from '../../reports/exporters.ts';
import { project } from '../analysis/project.ts';
import { UsageError } from '../errors.ts';
import { readSummary } from '../results/run.ts';
import { type Act, type Io, tell } from './io.ts';
import { wholeNumber } from './parsers.ts';

type ProjectOptions = {
  runs: number;
  tenants: number;
  cacheShare?: number;
  format: keyof typeof exporters.projection;
};

/** `project`: what the variants of a finished run would cost a month. */
export function projectCommand(io: Io, act: Act): Command {
  return new Command('project')
    .description('what the variants of a run would cost per run, tenant and month')
    .argument('<dir>', 'the directory of a run')
    .addOption(
      new Option('--runs <n>', 'runs a month, of all tenants together')
        .argParser(wholeNumber(1, 1_000_000_000))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--tenants <n>', 'tenants that share the work evenly')
        .argParser(wholeNumber(1, 1_000_000))
        .default(1),
    )
    .addOption(
      new Option(
        '--cache-share <share>',
        'share of runs, 0 to 1, that find tools and system prompt in the cache (default: worked out from how often runs come)',
      ).argParser(share),
    )
    .addOption(
      new Option('--format <name>', 'the format').choices(Object.keys(exporters.projection)).default('table'),
    )
    .action(act((directory: string, options: ProjectOptions) => run(directory, options, io)));
}

function run(given: string, { format, runs, tenants, cacheShare }: ProjectOptions, io: Io): number {
  const directory = resolve(io.cwd, given);
  const summary = readSummary(directory);
  if (summary.results.length === 0)
    throw new UsageError(`The run in ${directory} has no results to project from.`);
  const projection = project(summary, { runs, tenants, cacheShare });
  io.stdout.write(exporters.projection[format](projection));
  if (summary.status === 'partial') tell(io, 'The run is partial: what is missing in it is missing here.');
  return 0;
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It is a number from 0 to 1.');
  return value;
}
