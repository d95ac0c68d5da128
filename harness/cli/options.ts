import { approvalGrains, approverKinds, errorForms, LEVELS, measures } from '../results/codes.ts';
import {
  duration,
  file,
  fileOr,
  foldersOrNames,
  list,
  oneOf,
  parameters,
  part,
  policy,
  positive,
  type Reader,
  rates,
  share,
  text,
  toggle,
  wholeNumber,
  wordOrNumber,
} from './parsers.ts';

// Over 400 lines because it is one table: an entry for each option of each verb that shares them. It loads next to nothing, so that
// help and wrong usage are shown at once. Tests hold what the help says and what values may be together.

/** The variants that a run compares unless told otherwise. */
const defaultVariants = ['classic', 'classic-search', 'code', 'code-typed'];

/** Verbs that take options of the table below. */
export type Verb =
  | 'run'
  | 'report'
  | 'merge'
  | 'gate'
  | 'check'
  | 'tools'
  | 'call'
  | 'types'
  | 'init'
  | 'count'
  | 'login'
  | 'expose';

/**
 * One option. What is typed often has a `flag`; what has a `key` can stand in the configuration file and be given as
 * `--set key=value`.
 */
type OptionEntry = {
  /** As commander writes it: `--out <dir>`, `--json`. */
  flag?: string;
  /** The verbs on whose command line the flag is; all of `verbs` unless it says so. */
  flagOf?: readonly Verb[];
  key?: string;
  /** The verbs for which a configuration gives it; all of `verbs` unless it says so. */
  keyOf?: readonly Verb[];
  /** How its value is read; a switch unless it says so. */
  value?: Reader<unknown, unknown>;
  help: string;
  /** What it does with a verb, where that is something else. */
  helpOf?: Partial<Record<Verb, string>>;
  /** The verbs that take it; `run` alone unless it says so. */
  verbs?: readonly Verb[];
  /** Its value where it is not given; the help of a flag says it. */
  preset?: unknown;
  /** The same of a verb for which it is another. */
  presetOf?: Partial<Record<Verb, unknown>>;
  /** May be given several times: each adds to what there is. */
  repeats?: true;
  /** Options of a verb that it does not go together with. */
  conflicts?: Partial<Record<Verb, readonly string[]>>;
  /** Verbs whose help leaves it out, since it is seldom used; `--set help` lists it with the settings. */
  rareOf?: readonly Verb[];
  /**
   * Changes nothing about what the trials of a run are, so that a resumed run may have another. So do all options under
   * Files and output.
   */
  passing?: true;
};

type Entries = Record<string, OptionEntry>;

const day = 86_400_000;

const whatToRun = {
  workflows: {
    key: 'workflows',
    value: foldersOrNames,
    help: 'what is run where nothing is named: bundled workflows, folders, or workflows/* for all of a folder',
    verbs: ['run', 'check', 'types'],
    passing: true,
  },
  param: {
    flag: '--param <name=value>',
    key: 'params',
    value: parameters,
    help: 'a parameter, or a range to try: contacts=10..5000',
    helpOf: { check: 'a parameter of the workflows', expose: 'a parameter of the workflows' },
    verbs: ['run', 'check', 'expose'],
    preset: {},
    repeats: true,
  },
  variants: {
    flag: '--variants <names>',
    key: 'variants',
    value: list,
    help: 'what to compare, or all (default: the usual four)',
    helpOf: { expose: 'what to compare, or all (default: the usual four and hybrid)' },
    verbs: ['run', 'expose'],
    preset: defaultVariants,
    presetOf: { expose: [...defaultVariants, 'hybrid'] },
  },
  trials: {
    flag: '--trials <n>',
    key: 'trials',
    value: wholeNumber(1, 1_000),
    help: 'trials of each variant (default: 1; live, --fault: 15)',
    helpOf: { expose: 'how often a live model gets each order' },
    verbs: ['run', 'expose'],
  },
  seed: {
    key: 'seed',
    value: wholeNumber(0, 2 ** 31 - 1),
    help: 'root of all randomness: the same seed gives the same data',
    verbs: ['run', 'check', 'expose'],
    preset: 1,
  },
  all: {
    flag: '--all',
    help: 'every bundled workflow, not the core alone',
    helpOf: { tools: 'show every tool, and every field of its schemas' },
    verbs: ['run', 'tools'],
    passing: true,
  },
  shard: {
    flag: '--shard <i/n>',
    value: part,
    help: 'part i of n of the run, or auto for that of this machine; merge joins them',
    rareOf: ['run'],
  },
  points: {
    key: 'sweep.points',
    value: wholeNumber(2, 100),
    help: 'points on each range of a parameter, in equal steps of the logarithm (default: 8; 6 on two)',
  },
  refine: {
    key: 'sweep.refine',
    value: wholeNumber(0, 100),
    help: 'further points, on one range, that close in on break-evens (default: 4)',
  },
  place: {
    key: 'sweep.place',
    value: fileOr('bundled', 'none'),
    help: 'put the workflows of this run on a map of calls by bytes; bundled runs those that come along; none (default: bundled, for a live model none)',
  },
  obey: {
    flag: '--obey',
    help: 'also let a scripted model obey all it reads, and show what each defence stops',
    verbs: ['expose'],
  },
  quoteResults: {
    flag: '--quote-results',
    help: 'mark results as data before the model sees them',
    verbs: ['expose'],
  },
  server: {
    flag: '--server <name>',
    value: text,
    help: 'poison only this server (default: each in turn)',
    verbs: ['expose'],
  },
  places: {
    flag: '--places <names>',
    value: list,
    help: 'plant texts only there (default: everywhere)',
    verbs: ['expose'],
  },
  dryRun: {
    flag: '--dry-run',
    help: 'say what would run and cost, and run nothing',
    passing: true,
  },
  by: {
    flag: '--by <measure>',
    key: 'verdict.by',
    value: oneOf(measures),
    help: 'what decides: cost, tokens, latency (default: cost)',
    preset: 'cost',
  },
  tools: {
    flag: '--tools',
    help: 'the files are answers to tools/list: count what these tools add to a prompt',
    verbs: ['count'],
  },
} as const satisfies Entries;

const model = {
  model: {
    flag: '--model <id>',
    key: 'model',
    value: text,
    help: 'whose prices apply, or several; anthropic:<id> asks it',
    helpOf: {
      tools: 'the model whose tokenizer and window apply',
      count: 'the model whose tokenizer applies',
      expose: 'the model whose tokenizer applies; anthropic:<id> asks it, and shows which orders it obeys',
    },
    verbs: ['run', 'tools', 'count', 'expose'],
    preset: 'claude-sonnet-5',
  },
  maxCost: {
    flag: '--max-cost <usd>',
    key: 'limits.cost',
    value: positive(0, 1_000_000),
    help: 'what the run may spend; it can then be resumed',
    helpOf: {
      gate: 'a live baseline: ask the model again, for at most this',
      expose: 'what a live model may spend',
    },
    verbs: ['run', 'gate', 'expose'],
    conflicts: { gate: ['run'] },
    passing: true,
    rareOf: ['gate'],
  },
  baseUrl: {
    key: 'provider.baseUrl',
    value: text,
    help: 'a gateway or local server that speaks the Messages API',
    verbs: ['run', 'gate', 'tools', 'count', 'expose'],
  },
  thinking: {
    key: 'provider.thinking',
    value: wordOrNumber('adaptive', 1024, 128_000),
    help: 'ask for thinking: adaptive, or a budget of tokens (default: the model decides)',
  },
  cache: {
    key: 'provider.cache',
    value: oneOf(['cold', 'warm', 'off']),
    help: 'how trials of a provider’s model begin: cold keeps their prompts apart, warm lets one read what another wrote; off sends no cache breakpoints, for any model',
    preset: 'cold',
  },
  maxRetries: {
    key: 'provider.retries',
    value: wholeNumber(0, 20),
    help: 'how often a failed request is made again (default: 6)',
    passing: true,
  },
  requestTimeout: {
    key: 'provider.timeout',
    value: duration(day),
    help: 'how long one attempt at a request may take (default: 10m)',
    passing: true,
  },
  cassettes: {
    flag: '--cassettes <mode>',
    key: 'cassettes.mode',
    value: oneOf(['off', 'auto', 'strict', 'record']),
    help: 'record answers or replay them: off, auto, record, strict',
    rareOf: ['run'],
  },
  cassetteDir: {
    key: 'cassettes.dir',
    value: file,
    help: 'where recordings are',
    preset: 'cassettes',
  },
  count: {
    flag: '--count <source>',
    key: 'count',
    value: fileOr('provider', 'estimate'),
    help: 'exact token counts: provider asks its free endpoint and keeps them in token-counts.jsonl; a file of them; estimate (default: token-counts.jsonl where it is here)',
    verbs: ['run', 'gate', 'tools', 'count'],
    flagOf: ['tools', 'count'],
  },
  counter: {
    key: 'counter',
    value: text,
    help: 'count tokens with a module of your own, or a command that answers lines of JSON',
    verbs: ['run', 'gate', 'tools', 'count'],
    conflicts: { run: ['count'], gate: ['count'], tools: ['count'], count: ['count'] },
  },
  latencyProfile: {
    key: 'latencyProfile',
    value: text,
    help: 'how fast the model is taken to be: fast, default, slow',
    preset: 'default',
  },
  client: {
    key: 'client',
    value: text,
    help: 'also bill each workflow as a client would send it: claude-code',
  },
} as const satisfies Entries;

const verdict = {
  margin: {
    key: 'verdict.margin',
    value: positive(0.001, 10),
    help: 'differences up to this do not matter, such as 0.1',
    preset: 0.1,
  },
  reference: {
    key: 'verdict.reference',
    value: text,
    help: 'the variant that the others are listed against; it never changes a verdict (default: classic)',
  },
  aa: {
    key: 'verdict.aa',
    help: 'compare each variant with itself too, over twice as many trials: what differs is a false alarm',
  },
  breakEven: {
    key: 'verdict.sizes',
    help: 'look, with further trials of a perfect model, for the number of items at which a verdict changes',
    preset: true,
  },
  runs: {
    flag: '--runs <n>',
    key: 'workload.runs',
    value: wholeNumber(1, 1_000_000_000),
    help: 'say what this many runs a month would cost, of all tenants together',
    verbs: ['run', 'report'],
    flagOf: ['report'],
    passing: true,
  },
  tenants: {
    flag: '--tenants <n>',
    key: 'workload.tenants',
    value: wholeNumber(1, 1_000_000),
    help: 'with --runs: tenants that share the work evenly',
    verbs: ['run', 'report'],
    flagOf: ['report'],
    preset: 1,
    passing: true,
  },
  cacheShare: {
    key: 'workload.cacheShare',
    value: share,
    help: 'share of runs, 0 to 1, that find tools and system prompt in the cache (default: worked out from how often runs come)',
    verbs: ['run', 'report'],
    passing: true,
  },
  run: {
    flag: '--run <dir>',
    value: file,
    help: 'the run to judge (default: run it first, as the baseline was)',
    verbs: ['gate'],
  },
  baseline: {
    flag: '--baseline <file>',
    key: 'gate.baseline',
    value: file,
    help: 'the baseline, usually committed (default: patternbench.baseline.json)',
    verbs: ['gate'],
    preset: 'patternbench.baseline.json',
  },
  update: {
    flag: '--update',
    help: 'make the run the baseline, instead of judging it',
    verbs: ['gate'],
    conflicts: { gate: ['fresh', 'verbose', 'md', 'junit', 'pr', 'github'] },
  },
  policy: {
    flag: '--policy <file>',
    key: 'gate.policy',
    value: policy,
    help: 'levels and thresholds, see below',
    verbs: ['gate'],
  },
  fresh: {
    flag: '--fresh <dir>',
    value: file,
    help: 'with --run: a second run, which decides what the first leaves in doubt',
    verbs: ['gate'],
    rareOf: ['gate'],
  },
} as const satisfies Entries;

const limits = {
  maxRoundTrips: {
    key: 'limits.roundTrips',
    value: wholeNumber(1, 1_000_000),
    help: 'round trips that a trial may take',
  },
  maxTokens: {
    key: 'limits.tokens',
    value: wholeNumber(1, 2 ** 40),
    help: 'billed tokens that a trial may take',
  },
  timeout: {
    flag: '--timeout <time>',
    key: 'limits.trial',
    value: duration(day),
    help: 'how long a trial may take, such as 60s',
    rareOf: ['run'],
  },
  concurrency: {
    key: 'limits.concurrency',
    value: wordOrNumber('auto', 1, 64),
    help: 'trials at a time (default: auto, which is one a core up to 4, and 8 for live models)',
    passing: true,
  },
  connectTimeout: {
    key: 'limits.connect',
    value: duration(600_000),
    help: 'how long a server may take to start',
    verbs: ['run', 'check', 'call', 'expose'],
    preset: 20_000,
  },
  toolTimeout: {
    key: 'limits.tool',
    value: duration(3_600_000),
    help: 'how long a tool may take to answer',
    verbs: ['run', 'check', 'call', 'expose'],
    preset: 60_000,
  },
} as const satisfies Entries;

const servers = {
  mcpConfig: {
    flag: '--mcp-config <file>',
    key: 'servers.config',
    value: file,
    help: 'your servers (default: .mcp.json beside the workflow)',
    helpOf: {
      call: 'the .mcp.json that names your servers (default: the one here)',
    },
    verbs: ['run', 'gate', 'check', 'tools', 'call', 'types', 'init', 'login', 'expose'],
    conflicts: { gate: ['run'] },
    rareOf: ['gate'],
  },
  lock: {
    key: 'servers.lock',
    value: file,
    help: 'the lock file of pinned servers (default: patternbench.lock.json beside the --mcp-config, else here)',
    verbs: ['run', 'check', 'tools', 'call'],
  },
  trust: {
    flag: '--trust',
    help: 'accept the servers that workflows bring, once',
    verbs: ['run', 'gate', 'check', 'tools', 'types', 'login', 'expose'],
    passing: true,
    rareOf: ['gate'],
  },
  writes: {
    flag: '--writes',
    help: 'call the tool although it is not annotated read-only',
    verbs: ['call', 'init'],
  },
  approvalsPer: {
    key: 'approvals.per',
    value: oneOf(approvalGrains),
    help: 'writes must be approved, each approval for: one call, calls whose named arguments are alike, a program, or all as granted beforehand (default: as the workflow says)',
  },
  approvalsBy: {
    key: 'approvals.by',
    value: oneOf(approverKinds),
    help: 'who approves: a script that says yes, or a person on this terminal',
    verbs: ['run', 'check'],
    preset: 'script',
  },
  distractors: {
    flag: '--distractors <n>',
    key: 'distractors',
    value: wholeNumber(1, 2_000),
    help: 'add this many tools of other servers, named much like those of the workflow',
    rareOf: ['run'],
  },
  fault: {
    flag: '--fault <rates>',
    key: 'faults.rates',
    value: rates,
    help: 'let calls fail, alike for every variant: 0.1 of them, or shares by kind, such as error=0.1,timeout=0.05 (error, protocol, busy, timeout, dropped, slow, cut, renamed, schemaless)',
    rareOf: ['run'],
  },
  faultRetries: {
    key: 'faults.retries',
    value: wholeNumber(0, 20),
    help: 'how often the scripted model makes a failed call again, at once, in any pattern (default: 2)',
  },
  faultDelay: {
    key: 'faults.delay',
    value: duration(600_000),
    help: 'how late a slow answer is, and after how long a timeout is noticed (default: 100ms)',
  },
  faultErrors: {
    key: 'faults.errors',
    value: oneOf(errorForms),
    help: 'how programs learn of a tool’s error: exceptions, or values { error } that a program may overlook (default: exceptions)',
  },
  minIsolation: {
    key: 'servers.isolation',
    value: oneOf(LEVELS),
    help: 'refuse to run where the sandbox cannot reach this level: L1, L2, L3 (doctor tells which it reaches)',
  },
  auditFsync: {
    key: 'servers.auditFsync',
    help: 'flush the audit log to the disk before each call is made (costs a disk write a call)',
  },
  pin: {
    flag: '--pin',
    help: 'pin what the servers put before a model, or show what changed; a run stops at changes',
    verbs: ['tools'],
    conflicts: { tools: ['all', 'defer', 'json'] },
  },
  accept: {
    flag: '--accept',
    help: 'pin what the servers are now over what was pinned',
    verbs: ['tools'],
    conflicts: { tools: ['all', 'defer', 'json'] },
  },
  scenario: {
    flag: '--scenario <name>',
    value: text,
    help: 'with --pin: the servers of this workflow that are not mocks',
    verbs: ['tools'],
  },
} as const satisfies Entries;

const files = {
  out: {
    flag: '--out <dir>',
    value: file,
    help: 'where the run is written (default: runs/<time>)',
    helpOf: { gate: 'without --run: where the run is written' },
    verbs: ['run', 'gate'],
    conflicts: { gate: ['run'] },
  },
  resume: {
    flag: '--resume <dir>',
    value: file,
    help: 'go on with an interrupted run',
    conflicts: { run: ['out', 'dryRun'] },
  },
  force: {
    flag: '--force',
    help: 'resume although something has changed',
    rareOf: ['run'],
  },
  details: {
    flag: '--details',
    help: 'show the whole bill, all variants and the method',
    verbs: ['run', 'report', 'merge'],
  },
  json: {
    flag: '--json',
    key: 'reporters.json',
    help: 'print JSON and nothing else',
    verbs: ['run', 'report', 'merge', 'gate', 'check', 'tools', 'count', 'expose'],
  },
  md: {
    flag: '--md <file>',
    key: 'reporters.md',
    keyOf: ['run', 'report', 'merge', 'gate'],
    value: fileOr('-'),
    help: 'write Markdown; - is standard output',
    verbs: ['run', 'report', 'merge', 'gate', 'tools', 'count', 'expose'],
  },
  html: {
    flag: '--html <file>',
    key: 'reporters.html',
    keyOf: ['run', 'report', 'merge'],
    value: fileOr('-'),
    help: 'write a page',
    verbs: ['run', 'report', 'merge', 'expose'],
    conflicts: { report: ['runs'] },
  },
  article: {
    flag: '--article <file>',
    value: file,
    help: 'write Markdown to publish, with charts as SVG files beside it',
    verbs: ['report'],
    conflicts: { report: ['runs'] },
  },
  trend: {
    flag: '--trend <folder>',
    value: file,
    help: 'with --html: show how figures went over the runs in this folder',
    verbs: ['report'],
    conflicts: { report: ['runs'] },
  },
  csv: {
    flag: '--csv <file>',
    key: 'reporters.csv',
    value: fileOr('-'),
    help: 'write CSV',
    verbs: ['run', 'report', 'merge'],
    flagOf: ['report', 'merge'],
  },
  badge: {
    flag: '--badge <file>',
    value: fileOr('-'),
    help: 'write the verdicts as a badge (endpoint JSON)',
    verbs: ['report'],
    conflicts: { report: ['runs'] },
  },
  history: {
    flag: '--history <file>',
    value: fileOr('-'),
    help: 'write the figures for charts over commits (customSmallerIsBetter JSON)',
    verbs: ['report'],
    conflicts: { report: ['runs'] },
  },
  otel: {
    flag: '--otel <file>',
    value: file,
    help: 'write every trial as OpenTelemetry spans (OTLP JSON)',
    verbs: ['report'],
    conflicts: { report: ['runs'] },
  },
  atif: {
    flag: '--atif <folder>',
    value: file,
    help: 'write each trial as an ATIF trajectory into this folder',
    verbs: ['report'],
    conflicts: { report: ['runs'] },
  },
  junit: {
    flag: '--junit <file>',
    key: 'reporters.junit',
    value: fileOr('-'),
    help: 'write JUnit XML',
    verbs: ['report', 'gate'],
    conflicts: { report: ['runs'] },
  },
  pr: {
    flag: '--pr <file>',
    value: fileOr('-'),
    help: 'write a comment on a pull request: the decision and what changed, under 60 lines',
    verbs: ['gate'],
  },
  github: {
    flag: '--github',
    key: 'reporters.github',
    help: 'print annotations for GitHub Actions',
    verbs: ['gate'],
  },
  declarations: {
    flag: '--declarations',
    help: 'print the functions of the servers in TypeScript, as a model reads them that writes programs',
    verbs: ['tools'],
    conflicts: { tools: ['defer', 'pin', 'accept', 'json'] },
  },
  defer: {
    flag: '--defer',
    help: 'say from what size on deferring definitions behind a search pays, instead of what each tool costs',
    verbs: ['tools'],
    conflicts: { tools: ['all'] },
  },
  verbose: {
    flag: '--verbose',
    help: 'print everything that was looked at',
    verbs: ['gate'],
  },
} as const satisfies Entries;

/** The headings of the help, in its order, with the options under each. */
const headings = {
  'What to run:': whatToRun,
  'Model:': model,
  'Verdict:': verdict,
  'Limits:': limits,
  'Servers:': servers,
  'Files and output:': files,
};

/** Every option of the verbs that take any of these. */
export const options = { ...whatToRun, ...model, ...verdict, ...limits, ...servers, ...files };

/** The name of an option in code and in the record of a run. */
export type OptionName = keyof typeof options;

/** What reads the value of an option. */
export type ReaderOf<Name extends OptionName> = (typeof options)[Name] extends { value: infer R }
  ? R
  : typeof toggle;

/** The verbs that take an option. */
export type VerbsOf<Name extends OptionName> = (typeof options)[Name] extends { verbs: readonly (infer V)[] }
  ? V
  : 'run';

/** An option with what its entry leaves out, and the heading that it stands under. */
export type FullEntry = OptionEntry & {
  heading: string;
  value: Reader<unknown, unknown>;
  verbs: readonly Verb[];
};

/** Every option in the order of the help. */
export const entries = Object.entries(headings).flatMap(([heading, group]) =>
  Object.entries(group).map(([name, entry]) => [
    name,
    { heading, value: toggle, verbs: ['run'], passing: group === files, ...entry },
  ]),
) as [OptionName, FullEntry][];

/** The same by name. */
export const entryOf = Object.fromEntries(entries) as Record<OptionName, FullEntry>;
