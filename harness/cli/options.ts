// Over 400 lines because it is one table: an entry for each option of each verb that shares them.
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { livePrefix } from '../agent/model/live-models.ts';
import { defaultVariants } from '../agent/variants.ts';
import { defaultModelId } from '../meter/catalogue.ts';
import { clientNames } from '../meter/clients.ts';
import { countsFileName } from '../meter/counts-file.ts';
import { latencyProfileNames } from '../meter/latency.ts';
import { measures } from '../results/verdict.ts';
import { parseShard, type Shard } from '../run/plan.ts';
import { LEVELS } from '../sandbox/isolation.ts';
import { readMcpConfig } from '../scenario/servers.ts';
import { trustFileName } from '../scenario/trust.ts';
import type { Io } from './io.ts';
import { commaList, nameValue, positive, wholeNumber } from './parsers.ts';

/** Verbs that take options of the table below. */
export type Verb =
  | 'run'
  | 'report'
  | 'merge'
  | 'sweep'
  | 'gate'
  | 'check'
  | 'pin'
  | 'tools'
  | 'call'
  | 'types'
  | 'init'
  | 'count'
  | 'login'
  | 'expose';

/**
 * One option: its flag and what it does. Its value is one of the `choices`, what `read` makes of the text, else the text itself;
 * a flag without a value is a switch.
 */
export type OptionEntry = {
  /** As commander writes it: `--out <dir>`, `--json`, `--no-break-even`. */
  flag: string;
  help: string;
  /** What it does with a verb, where that is something else. */
  helpOf?: Partial<Record<Verb, string>>;
  /** Its heading in the help. */
  group: string;
  verbs: readonly Verb[];
  choices?: readonly string[];
  /** Throws commander's `InvalidArgumentError`, or a `UsageError` that says more. Paths become absolute at once. */
  read?: (text: string, io: Io, previous?: never) => unknown;
  /** Its value where it is not given, or what makes that of the process; and how the help says it. */
  preset?: unknown;
  presetText?: string;
  /** What the flag with `--no-` does, which makes it false. */
  off?: string;
  /** Verbs that cannot do without it, and the option of a verb that it does not go together with. */
  requiredBy?: readonly Verb[];
  conflicts?: Partial<Record<Verb, string>>;
  /** Changes nothing about what the trials of a run are, so that a resumed run may have another. */
  passing?: true;
};

const path = (text: string, { cwd }: Io): string => resolve(cwd, text);

/** Where findings are written: a file, or standard output. */
const outputPath = (text: string, io: Io): string => (text === '-' ? text : path(text, io));

/** Headings of the help, in its order. */
const groups = {
  what: 'What to run:',
  model: 'Model:',
  verdict: 'Verdict:',
  limits: 'Limits:',
  servers: 'Servers:',
  files: 'Files and output:',
} as const;

/**
 * Every option of the verbs that run or judge trials, in the order of the help. A new one is an entry here, and its reader. A
 * table: as long as there are options.
 */
export const options = {
  declarations: {
    flag: '--declarations',
    help: 'print the functions of the servers in TypeScript, as a model reads them that writes programs',
    group: groups.files,
    verbs: ['tools'],
    conflicts: { tools: 'defer' },
  },
  all: {
    flag: '--all',
    help: 'run every bundled scenario, not the core alone',
    helpOf: { tools: 'show every tool, and every field of its schemas' },
    group: groups.what,
    verbs: ['run', 'tools'],
    passing: true,
  },
  param: {
    flag: '--param <name=value>',
    help: 'sets a parameter of the scenarios; may be repeated',
    group: groups.what,
    verbs: ['run', 'sweep', 'check', 'expose'],
    read: (text: string, _: Io, previous?: Record<string, string>) => nameValue(text, previous),
    preset: {},
    presetText: 'their own defaults',
  },
  variants: {
    flag: '--variants <names>',
    help: 'variants to compare, separated by commas',
    group: groups.what,
    verbs: ['run', 'sweep', 'expose'],
    read: commaList,
    preset: defaultVariants,
    presetText: defaultVariants.join(','),
  },
  trials: {
    flag: '--trials <n>',
    help: 'how often each variant tries each scenario (default: 1, as trials of the scripted model do not vary; 15 with a provider’s model, whose trials do)',
    group: groups.what,
    verbs: ['run', 'sweep'],
    read: wholeNumber(1, 1_000),
  },
  seed: {
    flag: '--seed <number>',
    help: 'root of all randomness: the same seed gives the same data',
    group: groups.what,
    verbs: ['run', 'sweep', 'check', 'expose'],
    read: wholeNumber(0, 2 ** 31 - 1),
    preset: 1,
  },
  shard: {
    flag: '--shard <i/n>',
    help: 'run part i of n: each scenario with all its variants in exactly one; join them with "merge"',
    group: groups.what,
    verbs: ['run', 'sweep'],
    read: readShard,
  },
  points: {
    flag: '--points <n>',
    help: 'points on each axis, in equal steps of the logarithm (default: 8; 6 on two axes)',
    group: groups.what,
    verbs: ['sweep'],
    read: wholeNumber(2, 100),
  },
  refine: {
    flag: '--refine <n>',
    help: 'further points, on one axis, that close in on break-evens (default: 4)',
    group: groups.what,
    verbs: ['sweep'],
    read: wholeNumber(0, 100),
  },
  place: {
    flag: '--place <dir|bundled|none>',
    help: 'put the scenarios of this run on a map of calls by bytes; bundled runs those that come along; none (default: bundled, for a live model none)',
    group: groups.what,
    verbs: ['sweep'],
    read: (text: string, io: Io) => (text === 'bundled' || text === 'none' ? text : path(text, io)),
  },
  obey: {
    flag: '--obey',
    help: 'also let a model obey all it reads, and show what each defence stops (six times as many trials)',
    group: groups.what,
    verbs: ['expose'],
  },
  dryRun: {
    flag: '--dry-run',
    help: 'print what would run, how many requests it would take and what it would cost',
    group: groups.what,
    verbs: ['run'],
    passing: true,
  },
  model: {
    flag: '--model <id>',
    help: `the model whose prices, window and tokenizer apply to a perfect scripted model; ${livePrefix}<id> asks that model (key: ANTHROPIC_API_KEY)`,
    helpOf: {
      tools: 'the model whose tokenizer and window apply',
      count: 'the model whose tokenizer applies',
    },
    group: groups.model,
    verbs: ['run', 'sweep', 'tools', 'count', 'expose'],
    preset: defaultModelId,
  },
  baseUrl: {
    flag: '--base-url <url>',
    help: 'a gateway or local server that speaks the Messages API',
    helpOf: { gate: 'a live baseline: where the model is asked' },
    group: groups.model,
    verbs: ['run', 'sweep', 'gate', 'tools', 'count'],
    conflicts: { gate: 'run' },
  },
  thinking: {
    flag: '--thinking <budget>',
    help: 'ask for thinking: adaptive, or a budget of tokens (default: the model decides)',
    group: groups.model,
    verbs: ['run', 'sweep'],
    read: (text: string) => (text === 'adaptive' ? text : wholeNumber(1024, 128_000)(text)),
  },
  cache: {
    flag: '--cache <state>',
    help: 'how trials of a provider’s model begin: cold keeps their prompts apart, warm lets one read what another wrote (default: cold)',
    group: groups.model,
    verbs: ['run', 'sweep'],
    choices: ['cold', 'warm'],
    off: 'send no cache breakpoints, so that nothing is cached',
  },
  cassettes: {
    flag: '--cassettes <mode>',
    help: 'recordings: strict replays, auto asks for what is missing and records it, record asks always (default: off; strict where CI is set)',
    group: groups.model,
    verbs: ['run', 'sweep'],
    choices: ['off', 'auto', 'strict', 'record'],
  },
  cassetteDir: {
    flag: '--cassette-dir <dir>',
    help: 'where recordings are',
    group: groups.model,
    verbs: ['run', 'sweep'],
    read: path,
    preset: ({ cwd }: Io) => resolve(cwd, 'cassettes'),
    presetText: 'cassettes',
  },
  count: {
    flag: '--count <source>',
    help: `exact token counts: provider asks its free counting endpoint (key: ANTHROPIC_API_KEY) and keeps them in ${countsFileName}; a file of such counts is only read; estimate uses none (default: ${countsFileName} where it is here)`,
    group: groups.model,
    verbs: ['run', 'sweep', 'tools', 'count'],
    read: (text: string, io: Io) => (text === 'provider' || text === 'estimate' ? text : path(text, io)),
  },
  counter: {
    flag: '--counter <module|command>',
    help: 'count tokens with a module of your own, or a command that answers lines of JSON',
    group: groups.model,
    verbs: ['run', 'sweep', 'tools', 'count'],
    conflicts: { run: 'count', sweep: 'count', tools: 'count', count: 'count' },
  },
  latencyProfile: {
    flag: '--latency-profile <name>',
    help: `how fast the model is taken to be: ${latencyProfileNames.join(', ')}`,
    group: groups.model,
    verbs: ['run', 'sweep'],
    preset: 'default',
  },
  client: {
    flag: '--client <name>',
    help: `also bill each workflow as a client would send it: ${clientNames.join(', ')}`,
    group: groups.model,
    verbs: ['run'],
  },
  by: {
    flag: '--by <measure>',
    help: 'what verdicts weigh by: cost with caching, billed tokens or modelled latency',
    group: groups.verdict,
    verbs: ['run', 'sweep'],
    choices: measures,
    preset: 'cost',
  },
  margin: {
    flag: '--margin <share>',
    help: 'differences up to this do not matter, such as 0.1',
    group: groups.verdict,
    verbs: ['run', 'sweep'],
    read: positive(0.001, 10),
    preset: 0.1,
  },
  reference: {
    flag: '--reference <variant>',
    help: 'the variant that the ladder and comparisons are against; it never changes a verdict (default: classic)',
    group: groups.verdict,
    verbs: ['run'],
  },
  aa: {
    flag: '--aa',
    help: 'compare each variant with itself too, over twice as many trials: what differs is a false alarm',
    group: groups.verdict,
    verbs: ['run'],
  },
  breakEven: {
    flag: '--no-break-even',
    help: 'do not look, with further trials of a perfect model, for the number of items at which a verdict flips',
    group: groups.verdict,
    verbs: ['run'],
    preset: true,
  },
  run: {
    flag: '--run <dir>',
    help: 'the directory of the run to judge (default: run it first, as the baseline was)',
    group: groups.verdict,
    verbs: ['gate'],
    read: path,
  },
  baseline: {
    flag: '--baseline <file>',
    help: 'the file that "baseline save" wrote',
    group: groups.verdict,
    verbs: ['gate'],
    read: path,
    requiredBy: ['gate'],
  },
  policy: {
    flag: '--policy <file>',
    help: 'a JSON file of levels and thresholds, see below',
    group: groups.verdict,
    verbs: ['gate'],
    read: path,
  },
  fresh: {
    flag: '--fresh <dir>',
    help: 'with --run: a second run, which decides what the first leaves in doubt',
    group: groups.verdict,
    verbs: ['gate'],
    read: path,
  },
  maxCost: {
    flag: '--max-cost <usd>',
    help: 'what the whole run may cost; it then ends and can be resumed',
    helpOf: { gate: 'a live baseline: ask the model again, for at most this' },
    group: groups.limits,
    verbs: ['run', 'sweep', 'gate'],
    read: positive(0, 1_000_000),
    conflicts: { gate: 'run' },
    passing: true,
  },
  maxRoundTrips: {
    flag: '--max-round-trips <n>',
    help: 'round trips that a trial may take',
    group: groups.limits,
    verbs: ['run', 'sweep'],
    read: wholeNumber(1, 1_000_000),
  },
  maxTokens: {
    flag: '--max-tokens <n>',
    help: 'billed tokens that a trial may take',
    group: groups.limits,
    verbs: ['run', 'sweep'],
    read: wholeNumber(1, 2 ** 40),
  },
  timeout: {
    flag: '--timeout <seconds>',
    help: 'how long a trial may take, and how long finding when its calls can be asked for',
    group: groups.limits,
    verbs: ['run', 'sweep'],
    read: positive(0.001, 86_400),
  },
  concurrency: {
    flag: '--concurrency <n>',
    help: 'trials at a time, or auto (default: 1; auto for live models, which means 8)',
    group: groups.limits,
    verbs: ['run', 'sweep'],
    read: (text: string) => (text === 'auto' ? text : wholeNumber(1, 64)(text)),
    passing: true,
  },
  maxRetries: {
    flag: '--max-retries <n>',
    help: 'how often a failed request is made again (default: 6)',
    group: groups.limits,
    verbs: ['run', 'sweep'],
    read: wholeNumber(0, 20),
    passing: true,
  },
  requestTimeout: {
    flag: '--request-timeout <seconds>',
    help: 'how long one attempt at a request may take (default: 600)',
    group: groups.limits,
    verbs: ['run', 'sweep'],
    read: positive(0.001, 86_400),
    passing: true,
  },
  mcpConfig: {
    flag: '--mcp-config <file>',
    help: 'the .mcp.json that names your servers (default: beside the scenario, then here)',
    group: groups.servers,
    verbs: ['run', 'sweep', 'gate', 'check', 'pin', 'tools', 'call', 'types', 'init', 'login', 'expose'],
    read: readConfigPath,
    conflicts: { gate: 'run' },
  },
  connectTimeout: {
    flag: '--connect-timeout <ms>',
    help: 'how long a server may take to start',
    group: groups.servers,
    verbs: ['run', 'sweep', 'check', 'call', 'expose'],
    read: wholeNumber(1, 600_000),
    preset: 20_000,
  },
  toolTimeout: {
    flag: '--tool-timeout <ms>',
    help: 'how long a tool may take to answer',
    group: groups.servers,
    verbs: ['run', 'sweep', 'check', 'call', 'expose'],
    read: wholeNumber(1, 3_600_000),
    preset: 60_000,
  },
  lock: {
    flag: '--lock <file>',
    help: 'the lock file of pinned servers (default: patternbench.lock.json beside the --mcp-config, else here)',
    group: groups.servers,
    verbs: ['run', 'sweep', 'check', 'pin', 'call'],
    read: path,
  },
  trust: {
    flag: '--trust',
    help: `accept the servers that the scenarios bring, once: recorded in ${trustFileName} here until they change`,
    group: groups.servers,
    verbs: ['run', 'sweep', 'gate', 'check', 'pin', 'types', 'login', 'expose'],
    passing: true,
  },
  writes: {
    flag: '--writes',
    help: 'call the tool although it is not annotated read-only',
    group: groups.servers,
    verbs: ['call', 'init'],
  },
  minIsolation: {
    flag: '--min-isolation <level>',
    help: 'refuse to run where the sandbox cannot reach this level (doctor tells which it reaches)',
    group: groups.servers,
    verbs: ['run', 'sweep'],
    choices: LEVELS,
  },
  auditFsync: {
    flag: '--audit-fsync',
    help: 'flush the audit log to the disk before each call is made (costs a disk write a call)',
    group: groups.servers,
    verbs: ['run', 'sweep'],
  },
  out: {
    flag: '--out <dir>',
    help: 'where the run directory is written (default: runs/<time>)',
    helpOf: {
      sweep: 'where the directory of the sweep is written (default: sweeps/<time>)',
      gate: 'without --run: where the run is written',
    },
    group: groups.files,
    verbs: ['run', 'sweep', 'gate'],
    read: path,
    conflicts: { gate: 'run' },
    passing: true,
  },
  resume: {
    flag: '--resume <dir>',
    help: 'resume an interrupted run; finished trials are kept',
    group: groups.files,
    verbs: ['run', 'sweep'],
    read: path,
    passing: true,
  },
  force: {
    flag: '--force',
    help: 'resume although something has changed since; what has is recorded',
    group: groups.files,
    verbs: ['run', 'sweep'],
    passing: true,
  },
  json: {
    flag: '--json',
    help: 'print summary.json on standard output, and nothing else',
    helpOf: {
      sweep: 'print sweep.json on standard output, and nothing else',
      gate: 'print it as JSON',
      check: 'print the findings as JSON',
      expose: 'print it as JSON',
      tools: 'print it as JSON, with every tool and field; with --defer what that says, too',
      count: 'print an array of { file, tokens, low, high, method }',
    },
    group: groups.files,
    verbs: ['run', 'report', 'merge', 'sweep', 'gate', 'check', 'tools', 'count', 'expose'],
    passing: true,
  },
  md: {
    flag: '--md <file>',
    help: 'write it as Markdown too; - is standard output, here and below',
    group: groups.files,
    verbs: ['run', 'report', 'merge', 'gate', 'expose'],
    read: outputPath,
    passing: true,
  },
  html: {
    flag: '--html <file>',
    help: 'write it as a page too',
    group: groups.files,
    verbs: ['run', 'report', 'merge', 'expose'],
    read: outputPath,
    passing: true,
  },
  csv: {
    flag: '--csv <file>',
    help: 'write it as CSV too',
    group: groups.files,
    verbs: ['run', 'report', 'merge'],
    read: outputPath,
    passing: true,
  },
  junit: {
    flag: '--junit <file>',
    help: 'write it as JUnit XML too',
    group: groups.files,
    verbs: ['gate'],
    read: outputPath,
  },
  github: {
    flag: '--github',
    help: 'print annotations for GitHub Actions',
    group: groups.files,
    verbs: ['gate'],
  },
  details: {
    flag: '--details',
    help: 'show the whole bill of each workflow, all variants, and how the figures came about',
    group: groups.files,
    verbs: ['run', 'report', 'merge'],
    passing: true,
  },
  tools: {
    flag: '--tools',
    help: 'the files are answers to tools/list: count what these tools add to a prompt',
    group: groups.what,
    verbs: ['count'],
  },
  defer: {
    flag: '--defer',
    help: 'say from what size on deferring definitions behind a search pays, instead of what each tool costs',
    group: groups.files,
    verbs: ['tools'],
    conflicts: { tools: 'all' },
  },
  verbose: {
    flag: '--verbose',
    help: 'print everything that was looked at',
    group: groups.files,
    verbs: ['gate'],
  },
} as const satisfies Record<string, OptionEntry>;

function readShard(text: string): Shard {
  const shard = parseShard(text);
  if (!shard) throw new InvalidArgumentError('It has the form i/n, such as 2/4, with i from 1 to n.');
  return shard;
}

/** Looked at also where no server of it is used: a file that is named must be there. */
function readConfigPath(text: string, io: Io): string {
  const file = path(text, io);
  readMcpConfig(file);
  return file;
}
