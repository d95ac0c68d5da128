import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Pattern } from '../agent/patterns/converse.ts';
import { findVariant } from '../agent/variants.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import { findModel } from '../meter/catalogue.ts';
import { loadEstimate } from '../meter/estimate.ts';
import { readSummary } from '../results/run.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { loadScenarios } from '../scenario/load.ts';
import { createTrialDirectory } from '../scenario/servers.ts';
import { makeFolder } from '../testing/command-line.ts';
import { openFilesAt } from '../testing/open-files.ts';
import { nowhere, pingScenario } from '../testing/scenario-files.ts';
import { executeRun } from './execute-run.ts';
import { readJournal } from './journal.ts';
import { openRun, type RunInput } from './open-run.ts';
import { plan } from './plan.ts';
import { reopenRunDirectory } from './run-directory.ts';
import { runInput } from './testing/run-input.ts';
import type { Provider } from './trial-model.ts';

const sandbox = createInProcessSandbox();
const model = findModel('claude-sonnet-5');

/** A provider of a model that is never asked. */
function fakeProvider() {
  const close = vi.fn(async () => []);
  const provider: Provider = {
    open: async () => ({
      model: { id: model.id, evidence: 'live', respond: () => Promise.reject(), close: async () => {} },
      session: undefined,
      unused: () => 0,
    }),
    close,
  };
  return { provider, close };
}

/** A run of one trial for each pattern given, all at once. */
async function inputOf(patterns: Pattern[], change: Partial<RunInput> = {}): Promise<RunInput> {
  const folder = makeFolder(pingScenario());
  const classic = findVariant('classic');
  const trials = plan({
    scenarios: await loadScenarios([join(folder, 'ping')]),
    givenParams: {},
    variants: patterns.map((run, index) => ({ ...classic, name: `variant-${index}`, run })),
    model,
    seed: 1,
    places: nowhere,
  });
  return runInput(folder, trials, { concurrency: patterns.length, sandbox, ...change });
}

test('a run whose directory is removed meanwhile fails, and does not write half of one again', async () => {
  const removes: Pattern = async () => {
    rmSync(input.out, { recursive: true });
    throw new InfrastructureError('no matter');
  };
  const input = await inputOf([removes]);
  await expect(executeRun(input)).rejects.toThrow('results.jsonl was removed while the run was writing it');
});

test('a failure aborts the other trials, closes the recordings, and lets go of the directory', async () => {
  const failure = new UsageError('There is no such server.');
  const underWay = Promise.withResolvers<void>();
  const aborted = vi.fn();
  const fails: Pattern = async () => {
    await underWay.promise;
    throw failure;
  };
  const takesHours: Pattern = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted();
        reject(signal.reason);
      });
      underWay.resolve();
    });
  const { provider, close } = fakeProvider();
  const listeners = process.listenerCount('exit');
  const input = await inputOf([fails, takesHours], { models: { provider } });
  await expect(executeRun(input)).rejects.toBe(failure);
  expect(aborted).toHaveBeenCalledOnce();
  expect(close).toHaveBeenCalledOnce();
  expect(readdirSync(input.out)).not.toContain('run.lock');
  // The audit log and the lock listen for the end of the process while they are open.
  expect(process.listenerCount('exit')).toBe(listeners);
});

test('a recording that cannot be closed ends the run, whose summary is on disk, and hides no failure before it', async () => {
  const { provider, close } = fakeProvider();
  close.mockRejectedValue(new InfrastructureError('The disk is full.'));
  const warned: string[] = [];
  const onEvent: RunInput['onEvent'] = (event) => {
    if (event.type === 'warning') warned.push(event.message);
  };
  const right: Pattern = async () => ({ status: 'completed', answer: '{}' });
  const input = await inputOf([right], { models: { provider }, onEvent });
  await expect(executeRun(input)).rejects.toThrow('The disk is full.');
  expect(readSummary(input.out).results).toHaveLength(1);

  const failure = new UsageError('There is no such server.');
  const fails: Pattern = async () => Promise.reject(failure);
  await expect(executeRun(await inputOf([fails], { models: { provider }, onEvent }))).rejects.toBe(failure);
  expect(warned).toEqual(['The disk is full.']);
});

test('a trial that infrastructure ended keeps its recording open for the resumed run', async () => {
  const { provider, close } = fakeProvider();
  const right: Pattern = async () => ({ status: 'completed', answer: '{}' });
  const fails: Pattern = async () => Promise.reject(new InfrastructureError('The server is gone.'));
  const input = await inputOf([right, fails], { models: { provider } });
  await executeRun(input);
  const [planned, hasEnded] = close.mock.calls[0] as unknown as Parameters<Provider['close']>;
  expect(planned.map(hasEnded)).toEqual([true, false]);
});

test('a journal that cannot be opened ends the run, and nothing of it stays open or locked', async () => {
  const input = await inputOf([async () => Promise.reject(new RangeError('no'))]);
  await executeRun(input);
  const file = join(input.out, 'results.jsonl');
  const journal = readJournal(file);
  if (!journal) throw new Error('There is no journal.');
  rmSync(file);
  mkdirSync(file);
  const listeners = process.listenerCount('exit');
  const earlier = {
    directory: reopenRunDirectory(input.out),
    ...{ record: journal.run, journal, auditProblem: undefined, force: false },
  };
  await expect(executeRun({ ...input, earlier })).rejects.toThrow('results.jsonl cannot be written: EISDIR');
  expect(openFilesAt(input.out)).toEqual([]);
  expect(readdirSync(input.out)).not.toContain('run.lock');
  expect(process.listenerCount('exit')).toBe(listeners);
});

test('trials that fail are results, and the run ends in order', async () => {
  const fails: Pattern = async () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  const summary = await executeRun(await inputOf([fails, fails]));
  expect(summary.results.map(({ status }) => status)).toEqual([
    'infrastructure_error',
    'infrastructure_error',
  ]);
});

test('folders of trials, which are named at random, count alike in two runs', async () => {
  const directories = Array.from({ length: 8 }, createTrialDirectory);
  await Promise.all(directories.map(({ remove }) => remove()));
  const texts = directories.map(({ path }) => `Read ${path}/settings.json`);
  await using run = await openRun(await inputOf([async () => ({ status: 'completed', answer: '1' })]));
  expect(new Set(texts.map((text) => run.counter.count(text))).size).toBe(1);
  const plainly = await loadEstimate(model.tokenizer);
  expect(new Set(texts.map((text) => plainly.count(text))).size).toBeGreaterThan(1);
});
