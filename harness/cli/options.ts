// Over 400 lines because it is one table: an entry for each option of each verb that shares them. It imports nothing, so that help
// and wrong usage are shown at once: what values may be stands in option-values.ts, and tests hold the words of both together.

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
 * `--set key=value`. A flag without a value is a switch.
 */
export type OptionEntry = {
  /** As commander writes it: `--out <dir>`, `--json`. */
  flag?: string;
  /** The verbs on whose command line the flag is; all of `verbs` unless it says so. */
  flagOf?: readonly Verb[];
  key?: string;
  help: string;
  /** What it does with a verb, where that is something else. */
  helpOf?: Partial<Record<Verb, string>>;
  /** Its heading in the help. */
  group: string;
  verbs: readonly Verb[];
  /** Present where it names a file or folder, which is then made absolute: the words that are none. */
  path?: readonly string[];
  /** Its value where it is not given, and how the help of its flag says it. */
  preset?: unknown;
  presetText?: string;
  /** The same of a verb for which it is another. */
  presetFor?: Partial<Record<Verb, { preset: unknown; text: string }>>;
  /** May be given several times: each adds to what there is. */
  repeats?: true;
  /** Options of a verb that it does not go together with. */
  conflicts?: Partial<Record<Verb, readonly string[]>>;
  /** Verbs whose help leaves it out, since it is seldom used; `--set help` lists it with the settings. */
  rareOf?: readonly Verb[];
  /** Changes nothing about what the trials of a run are, so that a resumed run may have another. */
  passing?: true;
};

/** Headings of the help, in its order. */
const groups = {
  what: 'What to run:',
  model: 'Model:',
  verdict: 'Verdict:',
  limits: 'Limits:',
  servers: 'Servers:',
  files: 'Files and output:',
} as const;

/** Every option of the verbs that take any of these, in the order of the help. */
export const options = {
  workflows: {
    key: 'workflows',
    help: 'what is run where nothing is named: bundled workflows, folders, or workflows/* for all of a folder',
    group: groups.what,
    verbs: ['run', 'check', 'types'],
    path: [],
    passing: true,
  },
  param: {
    flag: '--param <name=value>',
    key: 'params',
    help: 'a parameter, or a range to try: contacts=10..5000',
    helpOf: { check: 'a parameter of the workflows', expose: 'a parameter of the workflows' },
    group: groups.what,
    verbs: ['run', 'check', 'expose'],
    preset: {},
    repeats: true,
  },
  variants: {
    flag: '--variants <names>',
    key: 'variants',
    help: 'what to compare, or all',
    group: groups.what,
    verbs: ['run', 'expose'],
    preset: defaultVariants,
    presetText: 'the usual four',
    presetFor: { expose: { preset: [...defaultVariants, 'hybrid'], text: 'the usual four and hybrid' } },
  },
  trials: {
    flag: '--trials <n>',
    key: 'trials',
    help: 'trials of each variant (default: 1; live, --fault: 15)',
    helpOf: { expose: 'how often a live model gets each order' },
    group: groups.what,
    verbs: ['run', 'expose'],
  },
  seed: {
    key: 'seed',
    help: 'root of all randomness: the same seed gives the same data',
    group: groups.what,
    verbs: ['run', 'check', 'expose'],
    preset: 1,
  },
  all: {
    flag: '--all',
    help: 'every bundled workflow, not the core alone',
    helpOf: { tools: 'show every tool, and every field of its schemas' },
    group: groups.what,
    verbs: ['run', 'tools'],
    passing: true,
  },
  shard: {
    flag: '--shard <i/n>',
    help: 'part i of n of the run, or auto for that of this machine; merge joins them',
    group: groups.what,
    verbs: ['run'],
    rareOf: ['run'],
  },
  points: {
    key: 'sweep.points',
    help: 'points on each range of a parameter, in equal steps of the logarithm (default: 8; 6 on two)',
    group: groups.what,
    verbs: ['run'],
  },
  refine: {
    key: 'sweep.refine',
    help: 'further points, on one range, that close in on break-evens (default: 4)',
    group: groups.what,
    verbs: ['run'],
  },
  place: {
    key: 'sweep.place',
    help: 'put the workflows of this run on a map of calls by bytes; bundled runs those that come along; none (default: bundled, for a live model none)',
    group: groups.what,
    verbs: ['run'],
    path: ['bundled', 'none'],
  },
  obey: {
    flag: '--obey',
    help: 'also let a scripted model obey all it reads, and show what each defence stops',
    group: groups.what,
    verbs: ['expose'],
  },
  quoteResults: {
    flag: '--quote-results',
    help: 'mark results as data before the model sees them',
    group: groups.what,
    verbs: ['expose'],
  },
  server: {
    flag: '--server <name>',
    help: 'poison only this server (default: each in turn)',
    group: groups.what,
    verbs: ['expose'],
  },
  places: {
    flag: '--places <names>',
    help: 'plant texts only there (default: everywhere)',
    group: groups.what,
    verbs: ['expose'],
  },
  dryRun: {
    flag: '--dry-run',
    help: 'say what would run and cost, and run nothing',
    group: groups.what,
    verbs: ['run'],
    passing: true,
  },
  model: {
    flag: '--model <id>',
    key: 'model',
    help: 'whose prices apply, or several; anthropic:<id> asks it',
    helpOf: {
      tools: 'the model whose tokenizer and window apply',
      count: 'the model whose tokenizer applies',
      expose: 'the model whose tokenizer applies; anthropic:<id> asks it, and shows which orders it obeys',
    },
    group: groups.model,
    verbs: ['run', 'tools', 'count', 'expose'],
    preset: 'claude-sonnet-5',
  },
  maxCost: {
    flag: '--max-cost <usd>',
    key: 'limits.cost',
    help: 'what the run may spend; it can then be resumed',
    helpOf: {
      gate: 'a live baseline: ask the model again, for at most this',
      expose: 'what a live model may spend',
    },
    group: groups.model,
    verbs: ['run', 'gate', 'expose'],
    conflicts: { gate: ['run'] },
    passing: true,
    rareOf: ['gate'],
  },
  baseUrl: {
    key: 'provider.baseUrl',
    help: 'a gateway or local server that speaks the Messages API',
    group: groups.model,
    verbs: ['run', 'gate', 'tools', 'count', 'expose'],
  },
  thinking: {
    key: 'provider.thinking',
    help: 'ask for thinking: adaptive, or a budget of tokens (default: the model decides)',
    group: groups.model,
    verbs: ['run'],
  },
  cache: {
    key: 'provider.cache',
    help: 'how trials of a provider’s model begin: cold keeps their prompts apart, warm lets one read what another wrote; off sends no cache breakpoints, for any model',
    group: groups.model,
    verbs: ['run'],
    preset: 'cold',
  },
  maxRetries: {
    key: 'provider.retries',
    help: 'how often a failed request is made again (default: 6)',
    group: groups.model,
    verbs: ['run'],
    passing: true,
  },
  requestTimeout: {
    key: 'provider.timeout',
    help: 'how long one attempt at a request may take (default: 10m)',
    group: groups.model,
    verbs: ['run'],
    passing: true,
  },
  cassettes: {
    flag: '--cassettes <mode>',
    key: 'cassettes.mode',
    help: 'record answers or replay them: off, auto, record, strict',
    group: groups.model,
    verbs: ['run'],
    rareOf: ['run'],
  },
  cassetteDir: {
    key: 'cassettes.dir',
    help: 'where recordings are',
    group: groups.model,
    verbs: ['run'],
    path: [],
    preset: 'cassettes',
  },
  count: {
    flag: '--count <source>',
    key: 'count',
    help: 'exact token counts: provider asks its free endpoint and keeps them in token-counts.jsonl; a file of them; estimate (default: token-counts.jsonl where it is here)',
    group: groups.model,
    verbs: ['run', 'gate', 'tools', 'count'],
    flagOf: ['tools', 'count'],
    path: ['provider', 'estimate'],
  },
  counter: {
    key: 'counter',
    help: 'count tokens with a module of your own, or a command that answers lines of JSON',
    group: groups.model,
    verbs: ['run', 'gate', 'tools', 'count'],
    conflicts: { run: ['count'], gate: ['count'], tools: ['count'], count: ['count'] },
  },
  latencyProfile: {
    key: 'latencyProfile',
    help: 'how fast the model is taken to be: fast, default, slow',
    group: groups.model,
    verbs: ['run'],
    preset: 'default',
  },
  client: {
    key: 'client',
    help: 'also bill each workflow as a client would send it: claude-code',
    group: groups.model,
    verbs: ['run'],
  },
  by: {
    flag: '--by <measure>',
    key: 'verdict.by',
    help: 'what decides: cost, tokens, latency',
    group: groups.what,
    verbs: ['run'],
    preset: 'cost',
    presetText: 'cost',
  },
  margin: {
    key: 'verdict.margin',
    help: 'differences up to this do not matter, such as 0.1',
    group: groups.verdict,
    verbs: ['run'],
    preset: 0.1,
  },
  reference: {
    key: 'verdict.reference',
    help: 'the variant that the others are listed against; it never changes a verdict (default: classic)',
    group: groups.verdict,
    verbs: ['run'],
  },
  aa: {
    key: 'verdict.aa',
    help: 'compare each variant with itself too, over twice as many trials: what differs is a false alarm',
    group: groups.verdict,
    verbs: ['run'],
  },
  breakEven: {
    key: 'verdict.sizes',
    help: 'look, with further trials of a perfect model, for the number of items at which a verdict changes',
    group: groups.verdict,
    verbs: ['run'],
    preset: true,
  },
  runs: {
    flag: '--runs <n>',
    key: 'workload.runs',
    help: 'say what this many runs a month would cost, of all tenants together',
    group: groups.verdict,
    verbs: ['run', 'report'],
    flagOf: ['report'],
    passing: true,
  },
  tenants: {
    flag: '--tenants <n>',
    key: 'workload.tenants',
    help: 'with --runs: tenants that share the work evenly',
    group: groups.verdict,
    verbs: ['run', 'report'],
    flagOf: ['report'],
    preset: 1,
    passing: true,
  },
  cacheShare: {
    key: 'workload.cacheShare',
    help: 'share of runs, 0 to 1, that find tools and system prompt in the cache (default: worked out from how often runs come)',
    group: groups.verdict,
    verbs: ['run', 'report'],
    passing: true,
  },
  run: {
    flag: '--run <dir>',
    help: 'the run to judge (default: run it first, as the baseline was)',
    group: groups.verdict,
    verbs: ['gate'],
    path: [],
  },
  baseline: {
    flag: '--baseline <file>',
    key: 'gate.baseline',
    help: 'the baseline, usually committed',
    group: groups.verdict,
    verbs: ['gate'],
    path: [],
    preset: 'patternbench.baseline.json',
    presetText: 'patternbench.baseline.json',
  },
  update: {
    flag: '--update',
    help: 'make the run the baseline, instead of judging it',
    group: groups.verdict,
    verbs: ['gate'],
    conflicts: { gate: ['fresh', 'verbose', 'md', 'junit', 'pr', 'github'] },
  },
  policy: {
    flag: '--policy <file>',
    key: 'gate.policy',
    help: 'levels and thresholds, see below',
    group: groups.verdict,
    verbs: ['gate'],
    path: [],
  },
  fresh: {
    flag: '--fresh <dir>',
    help: 'with --run: a second run, which decides what the first leaves in doubt',
    group: groups.verdict,
    verbs: ['gate'],
    path: [],
    rareOf: ['gate'],
  },
  maxRoundTrips: {
    key: 'limits.roundTrips',
    help: 'round trips that a trial may take',
    group: groups.limits,
    verbs: ['run'],
  },
  maxTokens: {
    key: 'limits.tokens',
    help: 'billed tokens that a trial may take',
    group: groups.limits,
    verbs: ['run'],
  },
  timeout: {
    flag: '--timeout <time>',
    key: 'limits.trial',
    help: 'how long a trial may take, such as 60s',
    group: groups.limits,
    verbs: ['run'],
    rareOf: ['run'],
  },
  concurrency: {
    key: 'limits.concurrency',
    help: 'trials at a time (default: auto, which is one a core up to 4, and 8 for live models)',
    group: groups.limits,
    verbs: ['run'],
    passing: true,
  },
  connectTimeout: {
    key: 'limits.connect',
    help: 'how long a server may take to start',
    group: groups.limits,
    verbs: ['run', 'check', 'call', 'expose'],
    preset: 20_000,
    presetText: '20s',
  },
  toolTimeout: {
    key: 'limits.tool',
    help: 'how long a tool may take to answer',
    group: groups.limits,
    verbs: ['run', 'check', 'call', 'expose'],
    preset: 60_000,
    presetText: '60s',
  },
  mcpConfig: {
    flag: '--mcp-config <file>',
    key: 'servers.config',
    help: 'your servers (default: .mcp.json beside the workflow)',
    helpOf: {
      call: 'the .mcp.json that names your servers (default: the one here)',
    },
    group: groups.servers,
    verbs: ['run', 'gate', 'check', 'tools', 'call', 'types', 'init', 'login', 'expose'],
    path: [],
    conflicts: { gate: ['run'] },
    rareOf: ['gate'],
  },
  lock: {
    key: 'servers.lock',
    help: 'the lock file of pinned servers (default: patternbench.lock.json beside the --mcp-config, else here)',
    group: groups.servers,
    verbs: ['run', 'check', 'tools', 'call'],
    path: [],
  },
  trust: {
    flag: '--trust',
    help: 'accept the servers that workflows bring, once',
    group: groups.servers,
    verbs: ['run', 'gate', 'check', 'tools', 'types', 'login', 'expose'],
    passing: true,
    rareOf: ['gate'],
  },
  writes: {
    flag: '--writes',
    help: 'call the tool although it is not annotated read-only',
    group: groups.servers,
    verbs: ['call', 'init'],
  },
  approvalsPer: {
    key: 'approvals.per',
    help: 'writes must be approved, each approval for: one call, calls whose named arguments are alike, a program, or all as granted beforehand (default: as the workflow says)',
    group: groups.servers,
    verbs: ['run'],
  },
  approvalsBy: {
    key: 'approvals.by',
    help: 'who approves: a script that says yes, or a person on this terminal',
    group: groups.servers,
    verbs: ['run', 'check'],
    preset: 'script',
  },
  distractors: {
    flag: '--distractors <n>',
    key: 'distractors',
    help: 'add this many tools of other servers, named much like those of the workflow',
    group: groups.servers,
    verbs: ['run'],
    rareOf: ['run'],
  },
  fault: {
    flag: '--fault <rates>',
    key: 'faults.rates',
    help: 'let calls fail, alike for every variant: 0.1 of them, or shares by kind, such as error=0.1,timeout=0.05 (error, protocol, busy, timeout, dropped, slow, cut, renamed, schemaless)',
    group: groups.servers,
    verbs: ['run'],
    rareOf: ['run'],
  },
  faultRetries: {
    key: 'faults.retries',
    help: 'how often the scripted model makes a failed call again, at once, in any pattern (default: 2)',
    group: groups.servers,
    verbs: ['run'],
  },
  faultDelay: {
    key: 'faults.delay',
    help: 'how late a slow answer is, and after how long a timeout is noticed (default: 100ms)',
    group: groups.servers,
    verbs: ['run'],
  },
  faultErrors: {
    key: 'faults.errors',
    help: 'how programs learn of a tool’s error: exceptions, or values { error } that a program may overlook (default: exceptions)',
    group: groups.servers,
    verbs: ['run'],
  },
  minIsolation: {
    key: 'servers.isolation',
    help: 'refuse to run where the sandbox cannot reach this level: L1, L2, L3 (doctor tells which it reaches)',
    group: groups.servers,
    verbs: ['run'],
  },
  auditFsync: {
    key: 'servers.auditFsync',
    help: 'flush the audit log to the disk before each call is made (costs a disk write a call)',
    group: groups.servers,
    verbs: ['run'],
  },
  pin: {
    flag: '--pin',
    help: 'pin what the servers put before a model, or show what changed; a run stops at changes',
    group: groups.servers,
    verbs: ['tools'],
    conflicts: { tools: ['all', 'defer', 'json'] },
  },
  accept: {
    flag: '--accept',
    help: 'pin what the servers are now over what was pinned',
    group: groups.servers,
    verbs: ['tools'],
    conflicts: { tools: ['all', 'defer', 'json'] },
  },
  scenario: {
    flag: '--scenario <name>',
    help: 'with --pin: the servers of this workflow that are not mocks',
    group: groups.servers,
    verbs: ['tools'],
  },
  out: {
    flag: '--out <dir>',
    help: 'where the run is written (default: runs/<time>)',
    helpOf: { gate: 'without --run: where the run is written' },
    group: groups.files,
    verbs: ['run', 'gate'],
    path: [],
    conflicts: { gate: ['run'] },
    passing: true,
  },
  resume: {
    flag: '--resume <dir>',
    help: 'go on with an interrupted run',
    group: groups.files,
    verbs: ['run'],
    path: [],
    conflicts: { run: ['out', 'dryRun'] },
    passing: true,
  },
  force: {
    flag: '--force',
    help: 'resume although something has changed',
    group: groups.files,
    verbs: ['run'],
    passing: true,
    rareOf: ['run'],
  },
  details: {
    flag: '--details',
    help: 'show the whole bill, all variants and the method',
    group: groups.files,
    verbs: ['run', 'report', 'merge'],
    passing: true,
  },
  json: {
    flag: '--json',
    key: 'reporters.json',
    help: 'print JSON and nothing else',
    group: groups.files,
    verbs: ['run', 'report', 'merge', 'gate', 'check', 'tools', 'count', 'expose'],
    passing: true,
  },
  md: {
    flag: '--md <file>',
    key: 'reporters.md',
    help: 'write Markdown; - is standard output',
    group: groups.files,
    verbs: ['run', 'report', 'merge', 'gate', 'tools', 'count', 'expose'],
    path: ['-'],
    passing: true,
  },
  html: {
    flag: '--html <file>',
    key: 'reporters.html',
    help: 'write a page',
    group: groups.files,
    verbs: ['run', 'report', 'merge', 'expose'],
    path: ['-'],
    passing: true,
    conflicts: { report: ['runs'] },
  },
  article: {
    flag: '--article <file>',
    help: 'write Markdown to publish, with charts as SVG files beside it',
    group: groups.files,
    verbs: ['report'],
    path: [],
    conflicts: { report: ['runs'] },
  },
  trend: {
    flag: '--trend <folder>',
    help: 'with --html: show how figures went over the runs in this folder',
    group: groups.files,
    verbs: ['report'],
    path: [],
    conflicts: { report: ['runs'] },
  },
  csv: {
    flag: '--csv <file>',
    key: 'reporters.csv',
    help: 'write CSV',
    group: groups.files,
    verbs: ['run', 'report', 'merge'],
    flagOf: ['report', 'merge'],
    path: ['-'],
    passing: true,
  },
  badge: {
    flag: '--badge <file>',
    help: 'write the verdicts as a badge (endpoint JSON)',
    group: groups.files,
    verbs: ['report'],
    path: [],
    conflicts: { report: ['runs'] },
  },
  history: {
    flag: '--history <file>',
    help: 'write the figures for charts over commits (customSmallerIsBetter JSON)',
    group: groups.files,
    verbs: ['report'],
    path: ['-'],
    conflicts: { report: ['runs'] },
  },
  otel: {
    flag: '--otel <file>',
    help: 'write every trial as OpenTelemetry spans (OTLP JSON)',
    group: groups.files,
    verbs: ['report'],
    path: [],
    conflicts: { report: ['runs'] },
  },
  atif: {
    flag: '--atif <folder>',
    help: 'write each trial as an ATIF trajectory into this folder',
    group: groups.files,
    verbs: ['report'],
    path: [],
    conflicts: { report: ['runs'] },
  },
  junit: {
    flag: '--junit <file>',
    key: 'reporters.junit',
    help: 'write JUnit XML',
    group: groups.files,
    verbs: ['report', 'gate'],
    path: ['-'],
    conflicts: { report: ['runs'] },
  },
  pr: {
    flag: '--pr <file>',
    help: 'write a comment on a pull request: the decision and what changed, under 60 lines',
    group: groups.files,
    verbs: ['gate'],
    path: ['-'],
  },
  github: {
    flag: '--github',
    key: 'reporters.github',
    help: 'print annotations for GitHub Actions',
    group: groups.files,
    verbs: ['gate'],
  },
  tools: {
    flag: '--tools',
    help: 'the files are answers to tools/list: count what these tools add to a prompt',
    group: groups.what,
    verbs: ['count'],
  },
  declarations: {
    flag: '--declarations',
    help: 'print the functions of the servers in TypeScript, as a model reads them that writes programs',
    group: groups.files,
    verbs: ['tools'],
    conflicts: { tools: ['defer', 'pin', 'accept', 'json'] },
  },
  defer: {
    flag: '--defer',
    help: 'say from what size on deferring definitions behind a search pays, instead of what each tool costs',
    group: groups.files,
    verbs: ['tools'],
    conflicts: { tools: ['all'] },
  },
  verbose: {
    flag: '--verbose',
    help: 'print everything that was looked at',
    group: groups.files,
    verbs: ['gate'],
  },
} as const satisfies Record<string, OptionEntry>;

/** The name of an option in code and in the record of a run. */
export type OptionName = keyof typeof options;
