import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { toMarkdown } from '../../reports/markdown.ts';
import { UsageError } from '../errors.ts';
import { findLatencyProfile, latencyProfileNames } from '../meter/latency.ts';
import { defaultModelId, findModel } from '../model/catalogue.ts';
import { defaultVariants, findVariant } from '../patterns/variants.ts';
import { plan } from '../plan/plan.ts';
import { executeRun } from '../run/run.ts';
import type { Summary } from '../run/summary.ts';
import { loadScenarios } from '../scenario/load.ts';
import { refuseUnknownParams } from '../scenario/params.ts';
import { untilInterrupted } from './interrupt.ts';
import { commaList, mcpConfigOption, paramOption, seedOption, wholeNumber } from './options.ts';
import { showProgress } from './progress.ts';

type RunOptions = {
  param: Record<string, string>;
  variants: string[];
  model: string;
  latencyProfile: string;
  seed: number;
  out?: string;
  mcpConfig?: string;
  connectTimeout: number;
  toolTimeout: number;
  auditFsync?: boolean;
  json?: boolean;
};

/** `run`: the main job. */
export function runCommand(): Command {
  return new Command('run')
    .description('run scenarios in both patterns and print what each costs')
    .argument(
      '[scenario...]',
      'names of bundled scenarios, or paths of scenario folders (default: all bundled ones)',
    )
    .addOption(paramOption())
    .addOption(
      new Option('--variants <names>', 'variants to compare, separated by commas')
        .argParser(commaList)
        .default(defaultVariants, defaultVariants.join(',')),
    )
    .option('--model <id>', 'the model whose prices, window and tokenizer apply', defaultModelId)
    .option(
      '--latency-profile <name>',
      `how fast the model is taken to be: ${latencyProfileNames.join(', ')}`,
      'default',
    )
    .addOption(seedOption())
    .option('--out <dir>', 'where the run directory is written (default: runs/<time>)')
    .addOption(mcpConfigOption())
    .addOption(
      new Option('--connect-timeout <ms>', 'how long a server may take to start')
        .argParser(wholeNumber(1, 600_000))
        .default(20_000),
    )
    .addOption(
      new Option('--tool-timeout <ms>', 'how long a tool may take to answer')
        .argParser(wholeNumber(1, 3_600_000))
        .default(60_000),
    )
    .option(
      '--audit-fsync',
      'put each line of the audit log on the disk before its call is made (about 0.5 ms a call)',
    )
    .option('--json', 'print summary.json on standard output, and nothing else')
    .action(run);
}

async function run(wanted: string[], options: RunOptions): Promise<void> {
  const model = findModel(options.model);
  const profile = findLatencyProfile(options.latencyProfile);
  const variants = options.variants.map(findVariant);
  const scenarios = await loadScenarios(wanted);
  refuseUnknownParams(scenarios, options.param);
  const trials = plan({ scenarios, givenParams: options.param, variants, model, seed: options.seed });
  if (trials.length === 0) throw new UsageError('There is nothing to run.');
  const out = resolve(options.out ?? `runs/${new Date().toISOString().replace(/[:.]/g, '-')}`);
  const progress = showProgress(process.stderr);
  const { result: summary, interruptedBy } = await untilInterrupted((signal) =>
    executeRun({
      trials,
      model,
      profile,
      seed: options.seed,
      out,
      mcpConfigFile: options.mcpConfig,
      timeouts: { connectMs: options.connectTimeout, callMs: options.toolTimeout },
      auditFsync: options.auditFsync ?? false,
      signal,
      onEvent: progress.show,
    }),
  );
  progress.end();
  process.stdout.write(options.json ? `${JSON.stringify(summary, null, 2)}\n` : toMarkdown(summary));
  console.error(`Run directory: ${out}`);
  process.exitCode = interruptedBy ?? exitCode(summary);
  if (interruptedBy) {
    console.error(`Interrupted: ${summary.results.length} of ${summary.planned} trials are on disk.`);
  }
}

/** Wrong answers and overflows are results; only what could not be measured makes a run incomplete. */
function exitCode(summary: Summary): number {
  const failed = summary.results.filter((result) => result.status === 'infrastructure_error');
  for (const { scenario, variant, reason } of failed) console.error(`${scenario} / ${variant}: ${reason}`);
  return failed.length > 0 || summary.status === 'partial' ? 3 : 0;
}
