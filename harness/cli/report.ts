import { Command, Option } from 'commander';
import { toCsv } from '../../reports/csv.ts';
import { toJson } from '../../reports/json.ts';
import { toMarkdown } from '../../reports/markdown.ts';
import { readSummary } from '../run/run-directory.ts';

const exporters = { markdown: toMarkdown, csv: toCsv, json: toJson };

/** `report`: a finished run in another format. */
export function reportCommand(): Command {
  const formats = Object.keys(exporters);
  return new Command('report')
    .description('print a run as Markdown (for a pull request), CSV or JSON')
    .argument('<dir>', 'the directory of a run')
    .addOption(new Option('--format <name>', 'the format').choices(formats).default('markdown'))
    .action((directory: string, { format }: { format: keyof typeof exporters }) => {
      process.stdout.write(exporters[format](readSummary(directory)));
    });
}
