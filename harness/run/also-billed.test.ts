import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TrialLimits } from '../agent/model/request-limits.ts';
import { findVariants } from '../agent/variants.ts';
import { findModel, type ModelEntry } from '../meter/catalogue.ts';
import { readRecord } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { loadScenarios } from '../scenario/load.ts';
import { makeFolder } from '../testing/command-line.ts';
import { nowhere } from '../testing/scenario-files.ts';
import { executeRun, executeRunAs } from './execute-run.ts';
import type { RunInput } from './open-run.ts';
import { plan } from './plan.ts';
import { runInput } from './testing/run-input.ts';

const sonnet = findModel('claude-sonnet-5');
// Of the other family of tokenizers, at other prices.
const haiku = findModel('claude-haiku-4-5');

/** Two lookups, one in each pattern, as this model. */
async function inputOf(model: ModelEntry, out: string, limits?: TrialLimits): Promise<RunInput> {
  const trials = plan({
    scenarios: await loadScenarios(['crm-contact-lookup']),
    givenParams: { contacts: '60' },
    variants: findVariants(['classic', 'code']),
    ...{ model, seed: 1, places: nowhere },
  });
  const settings = { model, out, mocksInProcess: true, sandbox: createInProcessSandbox() };
  return runInput(out, trials, { ...settings, ...(limits && { models: { limits } }) });
}

const withoutMeasured = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (key, each) => (key === 'measured' ? undefined : each)));

const callsIn = (out: string) =>
  readFileSync(join(out, 'audit.jsonl'), 'utf8').match(/"event":"call"/g)?.length ?? 0;

async function playAs(
  models: readonly ModelEntry[],
  limits?: TrialLimits,
): Promise<{ summaries: Summary[]; outs: string[] }> {
  const folder = makeFolder({});
  const outs = models.map((_, at) => join(folder, String(at)));
  const inputs = await Promise.all(models.map((model, at) => inputOf(model, outs[at] ?? '', limits)));
  return { summaries: await executeRunAs(inputs), outs };
}

test('a conversation is played once, and its bill, trace and sizes as another model are those of a run of its own', async () => {
  const { summaries, outs } = await playAs([sonnet, haiku]);
  const [first = '', second = ''] = outs;
  const own = join(makeFolder({}), 'own');
  expect(withoutMeasured(summaries[1])).toEqual(withoutMeasured(await executeRun(await inputOf(haiku, own))));
  const [asSonnet, asHaiku] = summaries.map(({ results }) => results[0]?.tokens.billed);
  expect(asHaiku).not.toBe(asSonnet);
  for (const file of [
    'classic/1.jsonl',
    'classic/1.tools.json',
    'code/1.work.json',
    'schedule/1.work.json',
  ]) {
    const read = (out: string) =>
      readFileSync(join(out, 'trials/crm-contact-lookup', file), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => withoutMeasured(JSON.parse(line)));
    expect([file, ...read(second)]).toEqual([file, ...read(own)]);
  }
  expect([callsIn(first) > 0, callsIn(second)]).toEqual([true, 0]);
  expect([readRecord(first).playedAs, readRecord(second).playedAs]).toEqual([undefined, sonnet.id]);
});

test('where the files of one model cannot be written, the trials of the others stand, each once', async () => {
  const folder = makeFolder({});
  const outs = ['0', '1', '2'].map((name) => join(folder, name));
  const models = [sonnet, haiku, { ...haiku, id: 'claude-haiku-4-5-again' }];
  const inputs = await Promise.all(models.map((model, at) => inputOf(model, outs[at] ?? '')));
  const inTheWay = join(outs[2] ?? '', 'trials/crm-contact-lookup');
  const [first, ...others] = inputs;
  if (!first) throw new Error('No model.');
  const onEvent: RunInput['onEvent'] = ({ type }) => {
    if (type === 'trial_started') writeFileSync(inTheWay, '');
  };
  const summaries = await executeRunAs([{ ...first, onEvent }, ...others]);
  const statuses = summaries.map(({ results }) => results.map(({ status }) => status));
  const lost = ['infrastructure_error', 'infrastructure_error'];
  expect(statuses).toEqual([['completed', 'completed'], ['completed', 'completed'], lost]);
  const journal = readFileSync(join(outs[1] ?? '', 'results.jsonl'), 'utf8');
  expect(journal.match(/"status":"completed"/g)).toHaveLength(2);
});

test('what does not fit one of the windows is played for each model', async () => {
  const small = { ...haiku, contextWindow: 700 };
  const { summaries, outs } = await playAs([sonnet, small]);
  const own = await executeRun(await inputOf(small, join(makeFolder({}), 'own')));
  expect(summaries.map(({ results }) => results.map(({ status }) => status))).toEqual([
    ['completed', 'completed'],
    ['context_overflow', 'context_overflow'],
  ]);
  expect(withoutMeasured(summaries[1])).toEqual(withoutMeasured(own));
  expect(callsIn(outs[1] ?? '')).toBeGreaterThan(0);
});

test.each([
  ['as the first', [sonnet, haiku]],
  ['as the second', [haiku, sonnet]],
])(
  'a limit of tokens that the counts of one model alone reach, %s, stops that model alone',
  async (_, models) => {
    const limits = { tokens: 1230 };
    const { summaries } = await playAs(models, limits);
    for (const [at, model] of models.entries()) {
      const own = await executeRun(await inputOf(model, join(makeFolder({}), 'own'), limits));
      expect(withoutMeasured(summaries[at])).toEqual(withoutMeasured(own));
    }
    const [one, other] = summaries.map(({ results }) => results.map(({ status }) => status));
    expect(one).not.toEqual(other);
  },
);
