import { basename, dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import { auditFileName, journalFileName, readSummary, runFileName, summaryFileName } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { addOptions, type Options } from './add-options.ts';
import type { Act, Io } from './io.ts';
import type { Outputs } from './outputs.ts';
import { showRun } from './show-run.ts';

/** `report`: a finished run again, whole or some of its workflows, in any format. */
export function reportCommand(io: Io, act: Act): Command {
  const command = new Command('report')
    .description('show a run again, or write it as Markdown, as a page, as CSV or as JSON')
    .argument('<dir>', 'the directory of a run')
    .argument('[workflow...]', 'only these workflows of it');
  return addOptions(command, 'report', io).action(
    act((directory: string, names: string[], options: Options<'report'>) =>
      report(directory, names, options, io),
    ),
  );
}

async function report(given: string, names: string[], options: Options<'report'>, io: Io): Promise<number> {
  const directory = resolve(io.cwd, given);
  refuseRunFiles(directory, options);
  await showRun(only(readSummary(directory), names), directory, options, io);
  return 0;
}

/** Of a run what belongs to these workflows; all of it where none is named. */
function only(summary: Summary, names: readonly string[]): Summary {
  if (names.length === 0) return summary;
  const known = [...new Set(summary.results.map(({ scenario }) => scenario))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`The run has no workflow "${unknown}".${tellNearestOrKnown(unknown, known, 3)}`);
  }
  const isWanted = ({ scenario }: { scenario: string }) => names.includes(scenario);
  const results = summary.results.filter(isWanted);
  return {
    ...summary,
    planned:
      summary.status === 'partial' ? summary.planned : results.reduce((sum, { trials }) => sum + trials, 0),
    results,
    verdicts: summary.verdicts.filter(isWanted),
    ...(summary.comparisons && { comparisons: summary.comparisons.filter(isWanted) }),
  };
}

/** A run directory has one writer: a report may lie in it, but never over what the run itself left. */
function refuseRunFiles(directory: string, { md, html, csv }: Outputs): void {
  const left = [runFileName, summaryFileName, journalFileName, auditFileName];
  const file = [md, html, csv].find(
    (each) => each !== undefined && dirname(each) === directory && left.includes(basename(each)),
  );
  if (file === undefined) return;
  throw new UsageError(`${file} is a file of the run itself; choose another name.`);
}
