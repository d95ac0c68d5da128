import { acceptedOrRefused, type BadInput } from './bad-input.ts';

const scenario = 'crm-contact-lookup';

/** Values that are no number in any range, by what they are. */
const noNumbers: Record<string, string> = {
  empty: '',
  blank: ' ',
  word: 'abc',
  negative: '-1',
  'not-a-number': 'NaN',
  overflow: '1e999',
  '400-digits': '9'.repeat(400),
  comma: '1,5',
  'wide-digits': '１２',
  ansi: '\x1b[2J1',
};

const numberOptions = [
  '--set seed',
  '--trials',
  '--set verdict.margin',
  '--timeout',
  '--max-cost',
  '--set limits.concurrency',
  '--set limits.roundTrips',
  '--set limits.tokens',
  '--set limits.connect',
  '--set limits.tool',
  '--shard',
];

/** Values that name nothing, by what they are. */
const noNames: Record<string, string> = {
  unknown: 'zzzz',
  empty: '',
  proto: '__proto__',
  constructor: 'constructor',
  path: '../../etc',
  ansi: '\x1b]0;owned\x07',
  bidi: 'classic\u202e',
  'very-long': 'x'.repeat(100_000),
};

const nameOptions = [
  '--variants',
  '--model',
  '--by',
  '--set verdict.reference',
  '--set latencyProfile',
  '--set servers.isolation',
];

/** An option with a value: a flag, or a setting. */
function toArguments(option: string, value: string): string[] {
  const [flag = '', key] = option.split(' ');
  return key === undefined ? [flag, value] : [flag, `${key}=${value}`];
}

const verbs: Record<string, string[]> = {
  'run scenario': ['run'],
  check: ['check'],
  tools: ['tools'],
  count: ['count'],
  serve: ['serve'],
  report: ['report'],
  'audit verify': ['audit', 'verify'],
  'audit show': ['audit', 'show'],
};

/** Command lines that lack something or hold too much. */
const shapes: Record<string, string[]> = {
  'verb-unknown': ['rnu'],
  'verb-empty': [''],
  'verb-proto': ['__proto__'],
  'verb-very-long': ['x'.repeat(100_000)],
  'verb-ansi': ['\x1b[2J'],
  'option-before-verb': ['--json', 'run'],
  'option-unknown': ['run', '--trails', '2'],
  'option-very-long': ['run', `--${'x'.repeat(100_000)}`],
  'option-without-value': ['run', '--trials'],
  'report-nothing': ['report'],
  'compare-one': ['compare', 'a'],
  'compare-nowhere': ['compare', 'a', 'b'],
  'merge-nothing': ['merge'],
  'merge-without-out': ['merge', 'a', 'b'],
  'merge-nowhere': ['merge', 'a', 'b', '--out', 'c'],
  'gate-nothing': ['gate'],
  'gate-nowhere': ['gate', '--baseline', 'none.json'],
  'gate-format-unknown': ['gate', '--baseline', 'x', '--zzzz'],
  'audit-nothing': ['audit'],
  'audit-verb-unknown': ['audit', 'zzzz'],
  'report-runs-nowhere': ['report', 'x', '--runs', '10'],
  'report-share-2': ['report', 'x', '--runs', '10', '--set', 'workload.cacheShare=2'],
  'serve-nothing': ['serve'],
  'serve-port-without-http': ['serve', 'crm', '--port', '8080'],
  'serve-port-70000': ['serve', 'crm', '--http', '--port', '70000'],
  'serve-option-unknown': ['serve', 'crm', '--option', 'contracts=5'],
  'serve-option-negative': ['serve', 'crm', '--option', 'contacts=-5'],
  'serve-option-bare': ['serve', 'crm', '--option', 'contacts'],
  'sweep-nothing': ['run', '--param', 'contacts=1..9'],
  'sweep-range-turned': ['run', 'crm-top-customers', '--param', 'contacts=50..10'],
  'sweep-range-endless': ['run', 'crm-top-customers', '--param', 'contacts=1..1e999'],
  'sweep-range-cut': ['run', 'crm-top-customers', '--param', 'contacts=1..'],
  'sweep-points-1': ['run', 'crm-top-customers', '--param', 'contacts=1..9', '--set', 'sweep.points=1'],
  'sweep-three-axes': [
    'run',
    'parametric',
    '--param',
    'calls=1..2',
    '--param',
    'bytes=100..200',
    '--param',
    'tools=1..2',
  ],
  'report-format-unknown': ['report', '.', '--pdf', 'x'],
  'report-no-run': ['report', '.'],
  'report-nowhere': ['report', './nowhere'],
  'resume-and-out': ['run', '--resume', 'a', '--out', 'b'],
  'resume-and-dry-run': ['run', '--resume', 'a', '--dry-run'],
  'resume-nowhere': ['run', '--resume', 'nowhere'],
  'resume-no-run': ['run', '--resume', '.'],
  'force-without-resume': ['run', scenario, '--force'],
  'model-live-without-key': ['run', scenario, '--model', 'anthropic:claude-sonnet-5'],
  'model-live-unknown': ['run', scenario, '--model', 'anthropic:zzzz'],
  'base-url-no-url': [
    'run',
    scenario,
    '--model',
    'anthropic:claude-sonnet-5',
    '--set',
    'provider.baseUrl=zzzz',
  ],
  'shard-0-of-2': ['run', scenario, '--shard', '0/2'],
  'shard-3-of-2': ['run', scenario, '--shard', '3/2'],
  'scenario-nowhere': ['run', './nowhere'],
  'scenario-root': ['run', '/'],
  'scenario-device': ['run', '/dev/null'],
  'scenario-dots': ['run', '..'],
  'out-below-a-file': ['run', scenario, '--param', 'contacts=5', '--out', 'file.txt/out'],
  'out-is-a-file': ['run', scenario, '--param', 'contacts=5', '--out', 'file.txt'],
  'out-not-empty': ['run', scenario, '--param', 'contacts=5', '--out', 'full'],
  'out-in-proc': ['run', scenario, '--param', 'contacts=5', '--out', '/proc/patternbench'],
  'out-very-long': ['run', scenario, '--param', 'contacts=5', '--out', 'x'.repeat(5_000)],
  'out-empty': ['run', scenario, '--param', 'contacts=5', '--out', ''],
};

const onFiles = { 'file.txt': 'mine', 'full/notes.txt': 'mine' };

/** Values of parameters that a scenario does not take. */
const params: Record<string, string> = {
  'no-name': '=5',
  'no-value': 'contacts',
  'empty-value': 'contacts=',
  'two-values': 'contacts=1=2',
  word: 'contacts=many',
  zero: 'contacts=0',
  fraction: 'contacts=1.5',
  'too-many': 'contacts=100001',
  negative: 'contacts=-5',
  overflow: 'contacts=1e999',
  unknown: 'contact=5',
  proto: '__proto__=5',
  'constructor-name': 'constructor=5',
  'name-ansi': '\x1b[2J=5',
  'value-very-long': `contacts=${'9'.repeat(100_000)}`,
  'value-ansi': 'contacts=\x1b[2J',
};

const ofOptions = (options: readonly string[], values: Record<string, string>) =>
  options.flatMap((option) =>
    Object.entries(values).map(([what, value]) => ({
      name: `${option.replace(/^--(set )?/, '').toLowerCase()}-${what}`,
      args: ['run', scenario, ...toArguments(option, value)],
    })),
  );
const ofVerbs = Object.entries(verbs).flatMap(([verb, args]) =>
  Object.entries(noNames).map(
    ([what, value]): BadInput => ({
      name: `${verb.replace(' ', '-')}-${what}`,
      args: [...args, value],
    }),
  ),
);

/** Bad arguments of all verbs. */
export const badArguments: BadInput[] = [
  ...ofOptions(numberOptions, noNumbers),
  ...ofOptions(nameOptions, noNames),
  ...ofVerbs,
  ...Object.entries(shapes).map(([name, args]) => ({ name, args, files: onFiles })),
  ...Object.entries(params).map(([what, param]) => ({
    name: `param-${what}`,
    args: ['run', 'crm-top-customers', '--param', param],
  })),
  // A hexadecimal number is a number.
  { name: 'param-hexadecimal', args: ['run', scenario, '--param', 'contacts=0x10'], ...acceptedOrRefused },
];
