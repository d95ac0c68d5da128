import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCassette } from '../agent/model/cassette-file.ts';
import { createBudget } from '../agent/model/request-limits.ts';
import { findVariant } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import type { Meter } from '../meter/meter.ts';
import type { ModelRequest } from '../results/messages.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { makeFolder } from '../testing/command-line.ts';
import { answer } from '../testing/messages-api/reply.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';
import type { Trial } from './plan.ts';
import { cassetteFile, createProvider, openTrialModel } from './trial-model.ts';

test('what follows an overflow is no spending, which is known without reading any bill again', async () => {
  const state = { hasOverflowed: false };
  const meter = {
    get hasOverflowed() {
      return state.hasOverflowed;
    },
    overflow: () => {
      throw new Error('every bill was read again');
    },
  } as unknown as Meter;
  const scenario = { name: 'ping', steps: [], sources: [] } as unknown as Scenario;
  const trial: Trial = {
    scenario,
    params: {},
    variant: findVariant('classic'),
    model: findModel('claude-sonnet-5'),
    repeat: 1,
    dataSeed: 1,
    servers: {} as Trial['servers'],
    seed: 1,
  };
  const budget = createBudget(undefined);
  const parts = { surface: [], sandbox: {} as Sandbox, meter };
  const { spend } = await openTrialModel(trial, { budget }, parts as never, () => {});
  const bill = { input: 1_000_000, fresh: 1_000_000, cacheWrite: 0, cacheRead: 0, output: 0 };
  spend(bill as never);
  const before = budget.spentUsd();
  expect(before).toBeGreaterThan(0);
  state.hasOverflowed = true;
  spend(bill as never);
  expect(budget.spentUsd()).toBe(before);
});

const model = findModel('claude-sonnet-5');
const never = new AbortController().signal;
const request: ModelRequest = {
  model: model.id,
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Which orders are open?' }],
};
const trial = (repeat: number): Trial => ({
  scenario: { name: 'scene' } as Scenario,
  params: {},
  variant: findVariant('classic'),
  model,
  dataSeed: 1,
  servers: {} as Trial['servers'],
  seed: 1,
  repeat,
});

function recordingAt(cassetteDir: string, baseURL: string, resume = false) {
  return createProvider({
    ...{ apiKey: 'test-key', baseURL, cassettes: 'record', cassetteDir, resume },
    ...{ maxRetries: 0, requestTimeoutMs: undefined },
  });
}

test('trials at the same time share one recording, which then holds what each was answered', async () => {
  const folder = makeFolder({});
  await using api = await startMessagesApi([answer(['One.']), answer(['Two.'])]);
  const provider = recordingAt(folder, api.url);
  const trials = [trial(1), trial(2)];
  const opened = await Promise.all(trials.map((each) => provider.open(each, [], () => {})));
  for (const each of opened) await each.model.respond(request, never);
  await provider.close(trials, () => true);
  const { exchanges } = await readCassette(cassetteFile(folder, trial(1)));
  expect(exchanges.map(({ repeat }) => repeat)).toEqual([1, 2]);
});

test('a recording that cannot be opened fails its trial, and the next trial tries again', async () => {
  const folder = makeFolder({});
  await using api = await startMessagesApi([answer(['One.'])]);
  const provider = recordingAt(folder, api.url);
  const file = cassetteFile(folder, trial(1));
  const inTheWay = `${file}.recording`;
  mkdirSync(inTheWay, { recursive: true });
  await expect(provider.open(trial(1), [], () => {})).rejects.toThrow('EISDIR');
  rmdirSync(inTheWay);
  const opened = await provider.open(trial(2), [], () => {});
  await opened.model.respond(request, never);
  await provider.close([trial(2)], () => true);
  expect((await readCassette(file)).exchanges).toHaveLength(1);
});

test('closing one recording that fails closes the others all the same', async () => {
  const folder = makeFolder({});
  await using api = await startMessagesApi([answer(['One.']), answer(['Two.'])]);
  const provider = recordingAt(folder, api.url);
  const trials = [trial(1), { ...trial(1), params: { orders: 2 } }];
  for (const each of trials) await (await provider.open(each, [], () => {})).model.respond(request, never);
  const [first, second] = trials.map((each) => cassetteFile(folder, each)) as [string, string];
  // A folder in the place of the finished file cannot be replaced by it.
  mkdirSync(join(first, 'kept'), { recursive: true });
  await expect(provider.close(trials, () => true)).rejects.toThrow(
    /cannot be put in the place of .*(ENOTEMPTY|EISDIR).*It is whole, in /,
  );
  expect((await readCassette(second)).exchanges).toHaveLength(1);
});

test('a run killed after its last trial has its recording put in place when it is resumed', async () => {
  const folder = makeFolder({});
  await using api = await startMessagesApi([answer(['One.'])]);
  const killed = recordingAt(folder, api.url);
  await (await killed.open(trial(1), [], () => {})).model.respond(request, never);
  await recordingAt(folder, api.url, true).close([trial(1)], () => true);
  expect((await readCassette(cassetteFile(folder, trial(1)))).exchanges).toHaveLength(1);
});
