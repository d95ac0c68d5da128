import { Command } from 'commander';
import { serializeBaseline } from '../gate/baseline.ts';
import { readCompleteRun } from './read-run.ts';
import { writeWhole } from './write-file.ts';

/** `baseline save`: what a run measured, as a small file to commit. */
export function baselineCommand(): Command {
  const save = new Command('save')
    .description('reduce a run to a small file, the same byte for byte whenever the same was measured')
    .requiredOption('--run <dir>', 'the directory of a complete run')
    .requiredOption('--file <file>', 'the file to write, usually committed')
    .exitOverride()
    .showHelpAfterError('(--help shows the usage)')
    .action(({ run, file }: { run: string; file: string }) => {
      const baseline = readCompleteRun(run);
      writeWhole(file, serializeBaseline(baseline));
      const variants = baseline.scenarios.reduce((sum, each) => sum + each.variants.length, 0);
      console.error(`${file}: ${baseline.scenarios.length} scenarios, ${variants} results.`);
    });
  return new Command('baseline').description('keep a run for later runs to be held against').addCommand(save);
}
