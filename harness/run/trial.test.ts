import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { RunEnded } from '../agent/model/request-limits.ts';
import type { Pattern } from '../agent/patterns/converse.ts';
import { findVariant } from '../agent/variants.ts';
import { InfrastructureError, UsageError, VerificationError } from '../errors.ts';
import { findModel } from '../meter/catalogue.ts';
import { answering, type Model } from '../meter/model.ts';
import type { ModelResponse } from '../results/messages.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { loadScenarios } from '../scenario/load.ts';
import { makeFolder } from '../testing/command-line.ts';
import { nowhere, pingScenario } from '../testing/scenario-files.ts';
import { plan } from './plan.ts';
import { trialEnvironment } from './testing/trial-environment.ts';
import { runTrial, type TrialEnvironment } from './trial.ts';

/** A sandbox none of whose processes starts. */
const noSandbox: Sandbox = {
  level: 'L1',
  open: async () => {
    throw new InfrastructureError('A sandbox process could not start: EAGAIN');
  },
  run: async () => {
    throw new InfrastructureError('A sandbox process could not start: EAGAIN');
  },
  close: async () => {},
};

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Runs one trial of the ping scenario, whose pattern is `run` where one is given. */
async function tryPing(run?: Pattern, change: Partial<TrialEnvironment> = {}, traceFile?: string) {
  const folder = makeFolder(pingScenario());
  const scenarios = await loadScenarios([join(folder, 'ping')]);
  const variant = findVariant('classic-as-written');
  const [trial] = plan({
    scenarios,
    givenParams: {},
    variants: [run ? { ...variant, run } : variant],
    model: findModel('claude-sonnet-5'),
    seed: 1,
    places: nowhere,
  });
  if (!trial) throw new Error('There is no trial.');
  const environment = { ...trialEnvironment(folder, noSandbox), ...change };
  closing.push(() => environment.audit.close());
  const trace = traceFile ?? join(folder, 'trials/1.jsonl');
  const ran = runTrial(trial, trace, environment);
  return { ran, trace };
}

const throwing =
  (error: unknown): Pattern =>
  async () => {
    throw error;
  };

test('an unexpected error is the outcome of its trial, in one line; the stack is in the trace', async () => {
  const { ran, trace } = await tryPing(throwing(new RangeError('Maximum call stack size exceeded')));
  const result = await ran;
  expect(result).toMatchObject({ status: 'infrastructure_error', correct: null });
  expect(result.reason).toMatch(/^A fault of patternbench .*RangeError: Maximum call stack size exceeded/);
  expect(result.reason).not.toContain('\n');
  const events = readFileSync(trace, 'utf8');
  expect(events).toContain('"event":"fault","measured":{"stack":"RangeError');
  expect(events).toContain('"event":"outcome"');
});

test('a sandbox process that cannot start is the outcome of the trial that needed it', async () => {
  const { ran } = await tryPing();
  expect(await ran).toMatchObject({
    status: 'infrastructure_error',
    reason: 'A sandbox process could not start: EAGAIN',
  });
});

test('time that is up before the servers have started is the outcome of the trial', async () => {
  const { ran } = await tryPing(undefined, { models: { limits: { timeoutMs: 1 } } });
  expect(await ran).toMatchObject({
    status: 'infrastructure_error',
    reason: expect.stringContaining('time of 0.001 seconds was up before its servers had started'),
  });
});

test('a trace that cannot be written is the outcome of its trial', async () => {
  const { ran, trace } = await tryPing(undefined, {}, makeFolder({}));
  expect(await ran).toMatchObject({
    status: 'infrastructure_error',
    reason: expect.stringContaining(`The trace ${trace} cannot be written`),
  });
});

test('what fails after the answer was graded leaves no grade behind', async () => {
  const answer: Pattern = async () => ({ status: 'completed', answer: '"pong"' });
  const { ran } = await tryPing(answer, {
    models: {
      provider: {
        open: async () => ({
          model: {
            id: 'claude-sonnet-5',
            evidence: 'live',
            respond: async () => {
              throw new Error('not asked');
            },
            close: async () => {
              throw new Error('closing failed');
            },
          },
          session: undefined,
          unused: () => 0,
        }),
        close: async () => [],
      },
    },
  });
  expect(await ran).toMatchObject({ status: 'infrastructure_error', correct: null });
});

test.each([
  ['a run that ends', new RunEnded('The budget is used up.')],
  ['wrong usage', new UsageError('There is no such server.')],
  ['a server that is not what was pinned', new VerificationError('Server "server" is not what was pinned.')],
])('%s is passed on to the run', async (_, error) => {
  const { ran } = await tryPing(throwing(error));
  await expect(ran).rejects.toBe(error);
});

test('an abort is passed on with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  const interrupting: Pattern = async () => {
    controller.abort(reason);
    throw new Error('something that the abort broke');
  };
  const { ran } = await tryPing(interrupting, { signal: controller.signal });
  await expect(ran).rejects.toBe(reason);
});

test.each([
  [64_000, { status: 'model_stopped' }],
  [
    64_001,
    {
      status: 'limit_reached',
      reason: 'A limit was reached: 64,000 output tokens in one response.',
      correct: 0,
    },
  ],
])(
  'a scripted response of %i tokens ends its trial where a provider would stop it',
  async (tokens, expected) => {
    const ask: Pattern = async (_, { model, limits, signal }) => {
      const messages = [{ role: 'user' as const, content: 'Write.' }];
      await model.respond({ model: model.id, max_tokens: limits.outputTokens, messages }, signal);
      return { status: 'model_stopped', reason: 'It was not cut off.' };
    };
    const content = [{ type: 'text', text: 'x'.repeat(tokens), citations: null }];
    const writing = (next: Model) =>
      answering(next, async () => ({ content, usage: null }) as unknown as ModelResponse);
    const { ran } = await tryPing(ask, { models: { around: () => writing } });
    expect(await ran).toMatchObject(expected);
  },
);
