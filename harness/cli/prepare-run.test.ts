import { Command } from 'commander';
import { afterEach, describe, expect, test } from 'vitest';
import { listVariants } from '../agent/variants.ts';
import { UsageError } from '../errors.ts';
import { passingFaults } from '../results/codes.ts';
import { listScenarios } from '../scenario/find.ts';
import { loadCoreScenarios } from '../scenario/load.ts';
import { addOptions, askedOf } from './add-options.ts';
import { defaultCassettes, prepareRun } from './prepare-run.ts';

const silent = { write: () => true };

/** Prepares a run of `crm-contact-lookup` with these arguments, as the command line does. */
const prepare = (...args: string[]) => prepareAny('crm-contact-lookup', ...args);

async function prepareAny(...args: string[]) {
  const io = { cwd: '/here', env, stdout: silent, stderr: silent };
  const command = addOptions(new Command('run').argument('[scenario...]').exitOverride(), 'run', io);
  await command.action(() => {}).parseAsync(args, { from: 'user' });
  return prepareRun(io, command.args, askedOf<'run'>(command).options);
}

const live = ['--model', 'anthropic:claude-sonnet-5'];

/** The environment of the next command. */
let env: Record<string, string> = {};
afterEach(() => {
  env = {};
});

test('a run without names has the core, with --all every bundled scenario, and then no names', async () => {
  const namesOf = async (...args: string[]) => (await prepareAny(...args)).config?.scenarios;
  const core = (await loadCoreScenarios()).map(({ name }) => name);
  expect(await namesOf()).toEqual(core);
  expect(core.length).toBeLessThanOrEqual(8);
  expect(await namesOf('--all')).toEqual(listScenarios());
  await expect(prepare('--all')).rejects.toThrow('--all and names of scenarios do not go together');
});

test('a run compares four variants, and a live one makes as many trials as its verdicts need', async () => {
  env.ANTHROPIC_API_KEY = 'test-key-for-nothing';
  env.CI = '';
  const countOf = async (...args: string[]) => {
    const { trials, config } = await prepare(...args);
    expect(new Set(trials.map(({ variant }) => variant.name))).toEqual(
      new Set(['classic', 'classic-search', 'code', 'code-typed']),
    );
    // A resumed run makes as many, even if the default has changed by then.
    expect(config?.options.trials).toBe(trials.length / 4);
    return trials.length / 4;
  };
  expect(await countOf()).toBe(1);
  expect(await countOf(...live, '--cassettes', 'off')).toBe(15);
  expect(await countOf(...live, '--cassettes', 'off', '--trials', '2')).toBe(2);
});

describe('what cannot be is refused', () => {
  test.each([
    [
      'a client whose direct calls are not measured',
      ['--variants', 'classic,code', '--set', 'client=claude-code'],
      'it needs classic-search among --variants',
    ],
    ['a client that nothing is known of', ['--set', 'client=claude-cod'], 'Nearest: claude-code.'],
    [
      'a control with a live model',
      [...live, '--variants', 'control-no-tools'],
      'control-no-tools is a scripted',
    ],
    ['an unknown live model', ['--model', 'anthropic:claude-sonet-5'], 'Nearest: claude-sonnet-5'],
    [
      'a budget without a price',
      ['--model', 'anthropic:local', '--set', 'provider.baseUrl=http://127.0.0.1:1', '--max-cost', '1'],
      'no known price',
    ],
  ])('%s', async (_, args, words) => {
    env.ANTHROPIC_API_KEY = 'test-key-for-nothing';
    env.CI = '';
    const error = await prepare(...args).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(words);
  });

  test('a live model needs a key, and no hidden headers', async () => {
    env.ANTHROPIC_API_KEY = '';
    await expect(prepare(...live, '--cassettes', 'off')).rejects.toThrow('ANTHROPIC_API_KEY');
    env.ANTHROPIC_API_KEY = 'test-key-for-nothing';
    env.ANTHROPIC_CUSTOM_HEADERS = 'x-extra: 1';
    await expect(prepare(...live, '--cassettes', 'off')).rejects.toThrow('ANTHROPIC_CUSTOM_HEADERS');
    await expect(prepare(...live, '--cassettes', 'strict')).resolves.toMatchObject({
      models: { plannedEvidence: 'replayed' },
    });
  });
});

test.each([
  ['a search of a scenario that names no number of items', ['--set', 'verdict.sizes=false']],
  ['a search of a live model', [...live, '--cassettes', 'off', '--set', 'verdict.sizes=false']],
  ['a search with one pattern', ['--variants', 'code']],
  ['a margin of single trials', ['--set', 'verdict.margin=0.2']],
  ['a base URL of a scripted model', ['--set', 'provider.baseUrl=http://127.0.0.1:1']],
  ['recordings of a scripted model', ['--cassettes', 'auto', '--set', 'provider.cache=warm']],
  ['a client of a provider’s model', [...live, '--cassettes', 'strict', '--set', 'client=claude-code']],
  ['force without resume', ['--force']],
])('an option without effect is no error: %s', async (_, args) => {
  env.ANTHROPIC_API_KEY = 'test-key-for-nothing';
  const { findItems } = await prepare(...args);
  expect(findItems).toBe(false);
});

test('all variants are asked for with one word, and the record has their names', async () => {
  const { trials, config } = await prepare('--variants', 'all');
  expect(config?.options.variants).toEqual(listVariants().map(({ name }) => name));
  expect(trials).toHaveLength(listVariants().length);
});

describe('what a run is made of', () => {
  test('recordings are strict where CI is set, and off elsewhere', () => {
    expect(defaultCassettes({ CI: 'true' })).toBe('strict');
    expect(defaultCassettes({ CI: 'false' })).toBe('off');
    expect(defaultCassettes({})).toBe('off');
  });

  test('repeats run in turns, each order as often, with one seed for all variants of a repeat', async () => {
    const { trials } = await prepare('--trials', '2', '--variants', 'classic,code');
    expect(trials.map(({ variant, repeat }) => `${variant.name} ${repeat}`)).toEqual([
      'classic 1',
      'code 1',
      'code 2',
      'classic 2',
    ]);
    expect(trials[0]?.seed).toBe(trials[1]?.seed);
    expect(trials[2]?.seed).toBe(trials[3]?.seed);
    expect(trials[0]?.seed).not.toBe(trials[2]?.seed);
    expect(new Set(trials.map(({ dataSeed }) => dataSeed)).size).toBe(1);
  });

  test('a comparison with itself takes twice the trials', async () => {
    const { trials } = await prepare('--trials', '3', '--set', 'verdict.aa=true', '--variants', 'classic');
    expect(trials).toHaveLength(6);
  });

  test('the record keeps what makes the run what it is, with absolute paths, and no passing option', async () => {
    const { config } = await prepare(
      '--json',
      '--set',
      'limits.concurrency=4',
      '--max-cost',
      '1',
      '--set',
      'seed=7',
    );
    const { cassetteDir, seed, ...others } = config?.options ?? {};
    expect({ cassetteDir, seed }).toEqual({ cassetteDir: '/here/cassettes', seed: 7 });
    for (const passing of ['json', 'concurrency', 'maxCost']) expect(others).not.toHaveProperty(passing);
  });

  test('a dated snapshot has the prices of its model', async () => {
    env.ANTHROPIC_API_KEY = 'test-key-for-nothing';
    const { model } = await prepare('--model', 'anthropic:claude-sonnet-5-20260924', '--cassettes', 'off');
    expect(model.id).toBe('claude-sonnet-5-20260924');
    expect(model.prices).toHaveLength(1);
  });
});

describe('what a run adds to the world of its workflows', () => {
  const conditionsOf = async (...args: string[]) => (await prepare(...args)).conditions;

  test('nothing unless asked, and each trial has it', async () => {
    expect(await conditionsOf('--set', 'faults.retries=3')).toBeUndefined();
    const { conditions, trials, config } = await prepare(
      '--distractors',
      '100',
      '--fault',
      'error=0.1,cut=0.05',
    );
    expect(conditions).toEqual({
      distractors: 100,
      faults: { rates: { error: 0.1, cut: 0.05 }, retries: 2, delayMs: 100, errors: 'exceptions' },
    });
    expect(trials.every((trial) => trial.conditions === conditions)).toBe(true);
    // What a resumed run reads.
    expect(config?.options).toMatchObject({ distractors: 100, fault: { error: 0.1, cut: 0.05 } });
  });

  test('a rate of nothing is no fault: one trial of each variant tells all', async () => {
    expect(await conditionsOf('--fault', '0')).toBeUndefined();
    expect((await prepareAny('crm-contact-lookup', '--fault', 'error=0')).trials).toHaveLength(4);
    expect((await prepareAny('crm-contact-lookup', '--fault', '0.1')).trials).toHaveLength(60);
  });

  test('one rate is shared by the faults that pass; the settings beside it are taken', async () => {
    const given = ['faults.retries=0', 'faults.delay=1s', 'faults.errors=values'];
    const sets = given.flatMap((each) => ['--set', each]);
    const { faults } = (await conditionsOf('--fault', '0.14', ...sets)) ?? {};
    expect(faults).toMatchObject({ retries: 0, delayMs: 1_000, errors: 'values' });
    expect(Object.keys(faults?.rates ?? {})).toEqual([...passingFaults]);
    for (const rate of Object.values(faults?.rates ?? {})) expect(rate).toBeCloseTo(0.02, 10);
  });

  test.each([
    ['broken=0.1', 'Kinds: error, protocol'],
    ['error=2', 'It is a share of calls'],
    ['error', 'shares by kind'],
    ['error=0.6,busy=0.6', 'sum to more than 1'],
  ])('--fault %s is refused', async (rates, words) => {
    await expect(prepare('--fault', rates)).rejects.toThrow(words);
  });

  test('no number of items is looked for while calls fail', async () => {
    expect((await prepareAny('crm-top-customers')).findItems).toBe(true);
    expect((await prepareAny('crm-top-customers', '--fault', '0.1')).findItems).toBe(false);
  });
});
