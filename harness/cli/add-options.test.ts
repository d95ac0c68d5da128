import { Command } from 'commander';
import { expect, test } from 'vitest';
import { livePrefix } from '../agent/model/live-models.ts';
import { defaultModelId } from '../meter/catalogue.ts';
import { clientNames } from '../meter/clients.ts';
import { countsFileName } from '../meter/exact-counters.ts';
import { faultKinds } from '../results/codes.ts';
import { makeFolder } from '../testing/command-line.ts';
import { addOptions, askedOf, flagOf, lastingOptions, presetsOf, withBegun } from './add-options.ts';
import type { Configuration } from './configuration.ts';
import { entries, entryOf, options, type Verb } from './options.ts';
import { part, rates } from './parsers.ts';

const silent = { write: () => true };
const verbs: Verb[] = ['run', 'report', 'merge', 'gate', 'check', 'tools', 'count', 'call', 'expose'];

/** A command of a verb after its arguments were read, in a folder with these files. */
async function parse(verb: Verb, args: string[] = [], files: Record<string, string> = {}) {
  const cwd = makeFolder(files);
  const io = { cwd, env: {}, stdout: silent, stderr: silent };
  const command = new Command(verb).exitOverride().configureOutput({ writeErr: () => {} });
  addOptions(command, verb, io).action(() => {});
  await command.parseAsync(args, { from: 'user' });
  return { command, cwd, io };
}

const optionsOf = async (args: string[], files?: Record<string, string>) =>
  askedOf<'run'>((await parse('run', args, files)).command).options;

test.each(verbs)(
  'what is not given to %s has the same value on the command line and without one',
  async (verb) => {
    const { command, io } = await parse(verb);
    expect(presetsOf(verb, io)).toEqual(askedOf(command).options);
  },
);

test('a default may be of one verb alone, and its help says so', async () => {
  const { command } = await parse('expose');
  expect(askedOf<'expose'>(command).options.variants).toContain('hybrid');
  expect(command.helpInformation()).toMatch(
    /what to compare, or all \(default: the usual four\s+and\s+hybrid\)/,
  );
  expect((await optionsOf([])).variants).not.toContain('hybrid');
});

test('the help names all that a value may be', () => {
  const untold = entries.flatMap(([name, { help }]) => {
    const { words = [] } = entryOf[name].value;
    return words.filter((word) => !help.includes(word));
  });
  expect(untold).toEqual([]);
  expect(options.latencyProfile.help).toContain('fast, default, slow');
  expect(options.client.help).toContain(clientNames.join(', '));
  expect(options.fault.help).toContain(faultKinds.join(', '));
  expect(options.count.help).toContain(countsFileName);
  expect([options.model.help, options.model.helpOf.expose].every((help) => help.includes(livePrefix))).toBe(
    true,
  );
  expect(options.model.preset).toBe(defaultModelId);
});

test('every option is a flag or a setting, and no key is used twice', () => {
  expect(entries.filter(([, { flag, key }]) => flag === undefined && key === undefined)).toEqual([]);
  const keys = entries.flatMap(([, { key }]) => key ?? []);
  expect(new Set(keys).size).toBe(keys.length);
});

test('values are read as the table says: paths from here, numbers within bounds, times with units', async () => {
  const { command, cwd } = await parse('run', [
    '--out',
    'x',
    '--trials',
    '3',
    '--by',
    'tokens',
    '--timeout',
    '2m',
  ]);
  const { out, trials, by, timeout } = askedOf<'run'>(command).options;
  expect({ out, trials, by, timeout }).toEqual({
    out: `${cwd}/x`,
    trials: 3,
    by: 'tokens',
    timeout: 120_000,
  });
  await expect(parse('run', ['--trials', '0'])).rejects.toThrow('whole number from 1');
  await expect(parse('run', ['--by', 'price'])).rejects.toThrow('It is one of cost, tokens, latency.');
  await expect(parse('run', ['--timeout', '60'])).rejects.toThrow('a time with its unit, such as 500ms');
});

test('--set takes what the configuration takes, and says what is wrong with it', async () => {
  const { seed, breakEven, cassetteDir } = await optionsOf([
    '--set',
    'seed=7',
    '--set',
    'verdict.sizes=false',
  ]);
  expect({ seed, breakEven }).toEqual({ seed: 7, breakEven: false });
  expect(cassetteDir).toMatch(/^\/.*cassettes$/);
  await expect(parse('run', ['--set', 'verdict.bye=1'])).rejects.toThrow('Nearest: verdict.by.');
  await expect(parse('run', ['--set', 'seed=x'])).rejects.toThrow(
    '--set seed: "x" is invalid. It is a whole number',
  );
  await expect(parse('run', ['--set', 'gate.baseline=x'])).rejects.toThrow('it is no setting of run');
  await expect(parse('run', ['--set', 'seed'])).rejects.toThrow('key=value');
});

test('the same thing twice is refused, also as a flag and as a setting', async () => {
  await expect(parse('run', ['--trials', '1', '--trials', '2'])).rejects.toThrow('given twice');
  await expect(parse('run', ['--trials', '1', '--set', 'trials=2'])).rejects.toThrow(
    '--trials is given twice',
  );
  await expect(parse('run', ['--param', 'a=1', '--param', 'a=2'])).rejects.toThrow('a is given twice');
  const { param } = await optionsOf(['--param', 'a=1', '--param', 'b=2=3']);
  expect(param).toEqual({ a: '1', b: '2=3' });
});

test('flags come before settings of the file, and those before defaults', async () => {
  const config = `import { defineConfig } from 'patternbench';
    export default defineConfig({
      workflows: ['./mine', 'crm-top-customers'],
      trials: 3,
      params: { contacts: 10, segment: 'all' },
      verdict: { by: 'tokens', margin: 0.2 },
      limits: { trial: '10m' },
      servers: { config: 'servers/.mcp.json' },
      gate: { baseline: 'b.json', policy: { checks: { cost: { relative: 0.02 } } } },
      reporters: { html: 'report.html' },
    });`;
  const args = ['--by', 'latency', '--param', 'contacts=20', '--set', 'verdict.margin=0.3'];
  const { command, cwd } = await parse('run', args, { 'patternbench.config.ts': config });
  const { options: read, isGiven } = askedOf<'run'>(command);
  expect(read).toMatchObject({
    workflows: [`${cwd}/mine`, 'crm-top-customers'],
    trials: 3,
    param: { contacts: '20', segment: 'all' },
    by: 'latency',
    margin: 0.3,
    timeout: 600_000,
    mcpConfig: `${cwd}/servers/.mcp.json`,
    html: `${cwd}/report.html`,
    seed: 1,
  });
  expect([isGiven('by'), isGiven('margin'), isGiven('trials')]).toEqual([true, true, false]);
  const gate = await parse('gate', [], { 'patternbench.config.ts': config });
  expect(askedOf<'gate'>(gate.command).options).toMatchObject({
    baseline: `${gate.cwd}/b.json`,
    policy: { checks: { cost: { relative: 0.02 } } },
  });
});

test.each([
  ['an unknown key', "export default { verdict: { bye: 'cost' } };", 'Nearest: verdict.by.'],
  ['a key in the wrong group', 'export default { limits: { margin: 0.1 } };', 'Nearest: verdict.margin.'],
  [
    'an invalid value',
    'export default { limits: { trial: 60 } };',
    'limits.trial: 60 is invalid. It is a time',
  ],
  [
    'an invalid policy',
    'export default { gate: { policy: { chekcs: {} } } };',
    'is invalid. Unrecognized key: "chekcs". It is as in gate --help.',
  ],
  ['a kind of fault twice', "export default { faults: { rates: 'error=0.1,error=0.2' } };", 'a kind twice'],
  ['no object', 'export default 3;', 'it has no settings'],
  ['a file that does not load', 'export default {', 'does not load'],
])('a configuration with %s is refused with its file and place', async (_, text, words) => {
  const failed = parse('run', [], { 'patternbench.config.mjs': text });
  await expect(failed).rejects.toThrow(words);
  await expect(parse('run', [], { 'patternbench.config.mjs': text })).rejects.toThrow(
    'patternbench.config.mjs',
  );
});

test('the editor knows what a configuration may hold', async () => {
  const settings: Configuration = {
    limits: { trial: '10m', concurrency: 'auto' },
    params: { contacts: 60 },
    gate: { policy: { checks: { cost: { relative: 0.02 } } } },
    // @ts-expect-error a measure that there is not
    verdict: { by: 'price' },
  };
  const files = { 'patternbench.config.json': JSON.stringify(settings) };
  await expect(optionsOf([], files)).rejects.toThrow('verdict.by: "price" is invalid.');
});

test('a configuration elsewhere is named, and its paths are its own', async () => {
  const files = { 'ci/settings.json': '{ "cassettes": { "dir": "tapes" } }' };
  const { command, cwd } = await parse('run', ['--config', 'ci/settings.json'], files);
  expect(askedOf<'run'>(command).options.cassetteDir).toBe(`${cwd}/ci/tapes`);
  await expect(parse('run', ['--config', 'none.ts'])).rejects.toThrow('none.ts does not exist');
});

test('a verb takes its own options alone, and refuses those that do not go together', async () => {
  await expect(parse('check', ['--trials', '3'])).rejects.toThrow('unknown option');
  await expect(parse('gate', ['--run', 'd', '--out', 'd'])).rejects.toThrow(
    '--out cannot be used with --run',
  );
  await expect(parse('run', ['--resume', 'd', '--dry-run'])).rejects.toThrow('cannot be used with');
  // What a workload costs has tables alone: a file that is asked for is never left out in silence.
  for (const flag of ['--html', '--badge', '--otel', '--atif']) {
    await expect(parse('report', ['--runs', '9', flag, 'x'])).rejects.toThrow(
      `${flag} cannot be used with --runs`,
    );
  }
  const settled = await parse('gate', ['--run', 'd'], {
    'patternbench.config.json': '{"servers":{"config":"x"}}',
  });
  expect(askedOf<'gate'>(settled.command).options).not.toHaveProperty('mcpConfig');
  await expect(parse('tools', ['--all', '--defer'])).rejects.toThrow('--defer cannot be used with --all.');
});

test('the reports that a configuration names are those of a run: other verbs write nothing there', async () => {
  const files = { 'patternbench.config.json': '{ "reporters": { "md": "run.md", "html": "run.html" } }' };
  for (const verb of ['tools', 'count', 'expose'] as const) {
    expect(askedOf((await parse(verb, [], files)).command).options).not.toMatchObject({
      md: expect.anything(),
    });
  }
  const { options: read } = askedOf<'expose'>((await parse('expose', [], files)).command);
  expect(read).not.toHaveProperty('html');
  expect((await optionsOf([], files)).md).toMatch(/run\.md$/);
});

test('of what was begun, the options stay but for those given now', async () => {
  const { command } = await parse('run', ['--set', 'seed=9']);
  const { seed, margin, by } = withBegun(askedOf<'run'>(command), { seed: 7, margin: 0.2 });
  expect({ seed, margin, by }).toEqual({ seed: 9, margin: 0.2, by: 'cost' });
});

test('a record keeps what makes a run what it is', () => {
  expect(lastingOptions({ seed: 7, json: true, out: '/x', force: undefined })).toEqual({ seed: 7 });
});

test('an option is named as it is given', () => {
  expect(flagOf('maxCost')).toBe('--max-cost');
  expect(flagOf('maxRetries')).toBe('--set provider.retries');
});

test.each([
  ['1/1', { index: 1, of: 1 }],
  ['2/4', { index: 2, of: 4 }],
  ['0/4', undefined],
  ['5/4', undefined],
  ['1/0', undefined],
  ['1', undefined],
  ['1/2/3', undefined],
  ['-1/2', undefined],
])('a part of a run is read from %s', (text, shard) => {
  if (shard) expect(part.read(text)).toEqual(shard);
  else expect(() => part.read(text)).toThrow('the form i/n');
});

test.each([
  ['0.7', { error: 0.1, slow: 0.1, cut: 0.1 }],
  [0.7, { error: 0.1 }],
  ['error=0.1, cut=1e-1', { error: 0.1, cut: 0.1 }],
  [{ renamed: 1 }, { renamed: 1 }],
])('rates of faults are read from %s', (given, found) => {
  for (const [kind, rate] of Object.entries(found)) {
    expect(rates.read(given)[kind as 'error']).toBeCloseTo(rate);
  }
});

test.each([
  ['x', 'shares by kind'],
  ['error', 'shares by kind'],
  ['error=0.1=2', 'shares by kind'],
  ['typo=0.1', 'Kinds: error'],
  ['error=-0.1', 'shares by kind'],
  [{ error: '0.1', typo: 1 }, 'Kinds: error'],
  [['error'], 'shares by kind'],
  ['error=0.6,cut=0.6', 'sum to more than 1'],
  ['2', 'sum to more than 1'],
])('rates of faults are refused: %s', (given, words) => {
  expect(() => rates.read(given)).toThrow(words);
});

test.each([
  ['trials', [], 'whole number'],
  ['trials', '', 'whole number'],
  ['trials', '1.5', 'whole number'],
  ['trials', true, 'whole number'],
  ['margin', '0', 'above 0'],
  ['cacheShare', 'half', 'from 0 to 1'],
  ['thinking', '10', 'It is adaptive, or a whole number from 1024'],
  ['timeout', '60', 'with its unit'],
  ['timeout', '48h', 'at most 86400s'],
  ['variants', ',', 'at least one'],
  ['variants', [1], 'list of names'],
  ['json', 'yes', 'true or false'],
  ['md', '', 'empty'],
  ['param', '=1', 'name=value'],
  ['param', { a: {} }, 'name=value'],
] as const)('a wrong value of %s is refused: %j', (name, given, words) => {
  expect(() => entryOf[name].value.read(given)).toThrow(words);
});

test('--set help lists the settings of a verb that have no flag', async () => {
  let printed = '';
  const io = {
    cwd: makeFolder({}),
    env: {},
    stdout: { write: (text: string) => (printed += text) },
    stderr: silent,
  };
  const command = addOptions(new Command('run').exitOverride(), 'run', io).action(() => {});
  const ended = command.parseAsync(['--set', 'help'], { from: 'user' });
  await expect(ended).rejects.toMatchObject({ exitCode: 0 });
  expect(printed).toMatch(/^provider\.retries +how often/m);
  expect(printed).toMatch(/^--shard <i\/n> +part i of n/m);
  // One with a flag, and one of another verb.
  expect(printed).not.toMatch(/^(trials|gate\.baseline) /m);
});

test.each(verbs)('the help of %s fits one screen of 80 columns', async (verb) => {
  const { command } = await parse(verb);
  const lines = command.helpInformation({ helpWidth: 80 } as never).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  // With examples after it, 40 at the most.
  expect(lines.length).toBeLessThanOrEqual(verb === 'run' ? 34 : 40);
});

test('the help of run has what workflows over servers of one’s own need first', async () => {
  const help = (await parse('run')).command.helpInformation();
  for (const flag of ['--mcp-config <file>', '--trust']) expect(help).toContain(flag);
});

test('a flag that is seldom used works, and stands in --set help instead of the help', async () => {
  const { command } = await parse('run', ['--shard', '2/3']);
  expect(askedOf<'run'>(command).options.shard).toEqual({ index: 2, of: 3 });
  expect(command.helpInformation()).not.toContain('--shard');
});
