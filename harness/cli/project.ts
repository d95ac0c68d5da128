import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { projectionExporters as exporters } from '../../reports/exporters.ts';
import { project } from '../analysis/project.ts';
import { UsageError } from '../errors.ts';
import { readJson } from '../files.ts';
import { priceTier } from '../meter/catalogue.ts';
import { readSummary, runSchema } from '../results/run.ts';
import { type Act, type Io, tell } from './io.ts';
import { wholeNumber } from './parsers.ts';

type ProjectOptions = { runs: number; tenants: number; cacheShare?: number; format: keyof typeof exporters };

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
    .addOption(new Option('--format <name>', 'the format').choices(Object.keys(exporters)).default('table'))
    .action(act((directory: string, options: ProjectOptions) => run(directory, options, io)));
}

function run(given: string, { format, runs, tenants, cacheShare }: ProjectOptions, io: Io): number {
  const directory = resolve(io.cwd, given);
  const summary = readSummary(directory);
  if (summary.results.length === 0)
    throw new UsageError(`The run in ${directory} has no results to project from.`);
  const projection = project(summary, readModel(directory), { runs, tenants, cacheShare });
  io.stdout.write(exporters[format](projection));
  if (summary.status === 'partial') tell(io, 'The run is partial: what is missing in it is missing here.');
  return 0;
}

/** The model as the run recorded it: its prices then, not those of the table now. */
function readModel(directory: string) {
  const record = runSchema.extend({
    model: z.looseObject({ id: z.string(), minCachePrefix: z.int(), prices: z.array(priceTier) }),
  });
  const hint = `Is ${directory} the directory of a run?`;
  return readJson(join(directory, 'run.json'), record, 'the record of a run', hint).model;
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It is a number from 0 to 1.');
  return value;
}
