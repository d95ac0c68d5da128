import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { CassetteMode } from '../agent/model/cassette.ts';
import { defaultVariants } from '../agent/variants.ts';
import { defaultModelId } from '../meter/catalogue.ts';
import { latencyProfileNames } from '../meter/latency.ts';
import type { IsolationLevel } from '../results/codes.ts';
import type { Measure } from '../results/verdict.ts';
import type { Shard } from '../run/plan.ts';
import { LEVELS } from '../sandbox/isolation.ts';
import type { Io } from './io.ts';
import {
  byOption,
  lockOption,
  mcpConfigOption,
  paramOption,
  pathFrom,
  seedOption,
  shardOption,
  trustOption,
} from './options.ts';
import { commaList, positive, wholeNumber } from './parsers.ts';

/** What `run` was asked for, as the command line read it. */
export type RunOptions = {
  param: Record<string, string>;
  variants: string[];
  model: string;
  baseUrl?: string;
  thinking?: 'adaptive' | number;
  /** False: no breakpoints are sent. Else how each trial of a provider's model begins. */
  cache: boolean | 'cold' | 'warm';
  cassettes?: 'off' | CassetteMode;
  cassetteDir: string;
  trials?: number;
  aa?: boolean;
  margin: number;
  by: Measure;
  reference?: string;
  sensitivity: boolean;
  breakEven: boolean;
  latencyProfile: string;
  seed: number;
  shard?: Shard;
  maxRoundTrips?: number;
  maxTokens?: number;
  timeout?: number;
  maxCost?: number;
  concurrency?: 'auto' | number;
  maxRetries?: number;
  requestTimeout?: number;
  out?: string;
  resume?: string;
  force?: boolean;
  dryRun?: boolean;
  mcpConfig?: string;
  connectTimeout: number;
  toolTimeout: number;
  auditFsync?: boolean;
  minIsolation?: IsolationLevel;
  lock?: string;
  trust?: boolean;
  json?: boolean;
};

/** Options that change nothing about what the trials of a run are, so that a resumed run may have others. */
const passing = new Set([
  'out',
  'resume',
  'force',
  'dryRun',
  'json',
  'maxCost',
  'concurrency',
  'maxRetries',
  'requestTimeout',
  'trust',
]);

/** The options that make a run what it is, for its record. */
export function lastingOptions(options: RunOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && !passing.has(name)),
  );
}

/** A scenario as it can be found from anywhere: a bundled one by its name, a folder by its absolute path. */
export function absoluteScenario(scenario: string, cwd: string): string {
  return /[\\/]/.test(scenario) || scenario === '.' || scenario === '..' ? resolve(cwd, scenario) : scenario;
}

/** Paths become absolute at once: a run may be resumed from elsewhere. */
export function addRunOptions(command: Command, io: Io): Command {
  return command
    .addOption(paramOption())
    .addOption(
      new Option('--variants <names>', 'variants to compare, separated by commas')
        .argParser(commaList)
        .default(defaultVariants, defaultVariants.join(',')),
    )
    .option(
      '--model <id>',
      'the model whose prices, window and tokenizer apply to a perfect scripted model; anthropic:<id> asks that model (key: ANTHROPIC_API_KEY)',
      defaultModelId,
    )
    .option('--base-url <url>', 'a gateway or local server that speaks the Messages API')
    .addOption(
      new Option(
        '--thinking <budget>',
        'ask for thinking: adaptive, or a budget of tokens (default: the model decides)',
      ).argParser(thinking),
    )
    .addOption(
      new Option(
        '--cache <state>',
        'how trials of a provider’s model begin: cold keeps their prompts apart, warm lets one read what another wrote (default: cold)',
      ).choices(['cold', 'warm']),
    )
    .option('--no-cache', 'send no cache breakpoints, so that nothing is cached')
    .addOption(
      new Option(
        '--cassettes <mode>',
        'recordings: strict replays, auto asks for what is missing and records it, record asks always (default: off; strict where CI is set)',
      ).choices(['off', 'auto', 'strict', 'record']),
    )
    .addOption(
      new Option('--cassette-dir <dir>', 'where recordings are')
        .argParser(pathFrom(io))
        .default(resolve(io.cwd, 'cassettes'), 'cassettes'),
    )
    .addOption(
      new Option(
        '--trials <n>',
        'how often each variant tries each scenario (default: 1, as trials of the scripted model do not vary; 15 with a provider’s model, whose trials do)',
      ).argParser(wholeNumber(1, 1_000)),
    )
    .option(
      '--aa',
      'compare each variant with itself too, over twice as many trials: what differs is a false alarm',
    )
    .addOption(
      new Option('--margin <share>', 'differences up to this do not matter, such as 0.1')
        .argParser(positive(0.001, 10))
        .default(0.1),
    )
    .addOption(byOption())
    .option(
      '--reference <variant>',
      'the variant that the ladder and comparisons are against; it never changes a verdict (default: classic)',
    )
    .option(
      '--no-sensitivity',
      'do not count tokens with a second vocabulary too, nor check whether a verdict depends on how they are counted',
    )
    .option(
      '--no-break-even',
      'do not look, with further trials of a perfect model, for the number of items at which a verdict flips',
    )
    .option(
      '--latency-profile <name>',
      `how fast the model is taken to be: ${latencyProfileNames.join(', ')}`,
      'default',
    )
    .addOption(seedOption())
    .addOption(shardOption())
    .addOption(
      new Option('--max-round-trips <n>', 'round trips that a trial may take').argParser(
        wholeNumber(1, 1_000_000),
      ),
    )
    .addOption(
      new Option('--max-tokens <n>', 'billed tokens that a trial may take').argParser(
        wholeNumber(1, 2 ** 40),
      ),
    )
    .addOption(
      new Option('--timeout <seconds>', 'how long a trial may take').argParser(positive(0.001, 86_400)),
    )
    .addOption(
      new Option(
        '--max-cost <usd>',
        'what the whole run may cost; it then ends and can be resumed',
      ).argParser(positive(0, 1_000_000)),
    )
    .addOption(
      new Option(
        '--concurrency <n>',
        'trials at a time, or auto (default: 1; auto for live models, which means 8)',
      ).argParser((text) => (text === 'auto' ? text : wholeNumber(1, 64)(text))),
    )
    .addOption(
      new Option('--max-retries <n>', 'how often a failed request is made again (default: 6)').argParser(
        wholeNumber(0, 20),
      ),
    )
    .addOption(
      new Option(
        '--request-timeout <seconds>',
        'how long one attempt at a request may take (default: 600)',
      ).argParser(positive(0.001, 86_400)),
    )
    .option('--out <dir>', 'where the run directory is written (default: runs/<time>)', pathFrom(io))
    .option('--resume <dir>', 'resume an interrupted run; finished trials are kept', pathFrom(io))
    .option('--force', 'resume although something has changed since; what has is recorded')
    .option('--dry-run', 'print what would run, how many requests it would take and what it would cost')
    .addOption(mcpConfigOption(io))
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
    .addOption(lockOption(io))
    .addOption(trustOption())
    .addOption(
      new Option(
        '--min-isolation <level>',
        'refuse to run where the sandbox cannot reach this level (doctor tells which it reaches)',
      ).choices(LEVELS),
    )
    .option(
      '--audit-fsync',
      'flush the audit log to the disk before each call is made (costs a disk write a call)',
    )
    .option('--json', 'print summary.json on standard output, and nothing else');
}

function thinking(text: string): 'adaptive' | number {
  return text === 'adaptive' ? text : wholeNumber(1024, 128_000)(text);
}
