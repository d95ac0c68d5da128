import { basename, dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { toCsv } from '../../reports/csv.ts';
import { toJson } from '../../reports/json.ts';
import { toMarkdown } from '../../reports/markdown.ts';
import { toHtml } from '../../reports/run/page.ts';
import { UsageError } from '../errors.ts';
import { auditFileName, journalFileName, readSummary } from '../results/run.ts';
import { writeWhole } from './write-file.ts';

const exporters = { markdown: toMarkdown, html: toHtml, csv: toCsv, json: toJson };

type ReportOptions = { format: keyof typeof exporters; out?: string };

/** `report`: a finished run in another format. */
export function reportCommand(): Command {
  const formats = Object.keys(exporters);
  return new Command('report')
    .description('print a run as Markdown (for a pull request), as an HTML page, as CSV or as JSON')
    .argument('<dir>', 'the directory of a run')
    .addOption(new Option('--format <name>', 'the format').choices(formats).default('markdown'))
    .option('--out <file>', 'the file to write (default: standard output)')
    .action((directory: string, { format, out }: ReportOptions) => {
      const text = exporters[format](readSummary(directory));
      if (out === undefined) {
        process.stdout.write(text);
        return;
      }
      refuseRunFile(directory, out);
      writeWhole(out, text);
      console.error(`${out}: the run in ${directory} as ${format}.`);
    });
}

/** A run directory has one writer: a report may lie in it, but never over what the run itself left. */
function refuseRunFile(directory: string, out: string): void {
  const left = ['run.json', 'summary.json', journalFileName, auditFileName];
  if (dirname(resolve(out)) === resolve(directory) && left.includes(basename(out))) {
    throw new UsageError(`${out} is a file of the run itself; choose another --out.`);
  }
}
