import { basename, dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { exporters } from '../../reports/exporters.ts';
import { runPage } from '../../reports/page/page.ts';
import { UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import { auditFileName, journalFileName, readSummary, runFileName, summaryFileName } from '../results/run.ts';
import { type Act, type Io, tell } from './io.ts';
import { openRunFiles } from './read-run.ts';

type ReportOptions = { format: keyof typeof exporters.run | 'html'; out?: string };

/** `report`: a finished run in another format. */
export function reportCommand(io: Io, act: Act): Command {
  const formats = [...Object.keys(exporters.run), 'html'];
  return new Command('report')
    .description('print a run as Markdown (for a pull request), as an HTML page, as CSV or as JSON')
    .argument('<dir>', 'the directory of a run')
    .addOption(new Option('--format <name>', 'the format').choices(formats).default('markdown'))
    .option('--out <file>', 'the file to write (default: standard output)')
    .action(act((directory: string, options: ReportOptions) => report(directory, options, io)));
}

function report(given: string, { format, out }: ReportOptions, io: Io): number {
  const directory = resolve(io.cwd, given);
  const text =
    format === 'html' ? runPage(openRunFiles(directory)) : exporters.run[format](readSummary(directory));
  if (out === undefined) {
    io.stdout.write(text);
    return 0;
  }
  const file = resolve(io.cwd, out);
  refuseRunFile(directory, file);
  replaceFile(file, text, UsageError);
  tell(io, `${out}: the run in ${given} as ${format}.`);
  return 0;
}

/** A run directory has one writer: a report may lie in it, but never over what the run itself left. */
function refuseRunFile(directory: string, file: string): void {
  const left = [runFileName, summaryFileName, journalFileName, auditFileName];
  if (dirname(file) === directory && left.includes(basename(file))) {
    throw new UsageError(`${file} is a file of the run itself; choose another --out.`);
  }
}
