import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findVariant } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import type { Result } from '../results/summary.ts';
import { createSandbox } from '../sandbox/create.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { loadScenarios } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { makeFolder } from '../testing/command-line.ts';
import { withoutMeasured } from '../testing/live-run.ts';
import { nowhere } from '../testing/scenario-files.ts';
import { plan } from './plan.ts';
import { trialEnvironment } from './testing/trial-environment.ts';
import { runTrial, type TrialEnvironment } from './trial.ts';

const loop = `const inTurn = async (items, work) => {
  const done = [];
  for (const [at, item] of items.entries()) done.push(await work(item, at));
  return done;
};
`;

/** The scenario with what its programs do at once done in a loop that awaits each. */
function inLoops(scenario: Scenario): Scenario {
  const sources = scenario.sources.map((source) => {
    const body = source.body.replaceAll(/Promise\.all\(\s*(\w+)\.map\(/g, 'inTurn($1, (');
    return { ...source, body: body === source.body ? body : loop + body };
  });
  return { ...scenario, sources };
}

async function tryIn(
  scenario: Scenario,
  name: string,
  givenParams: Record<string, string>,
  folder = makeFolder({}),
  more: Partial<TrialEnvironment> = {},
): Promise<Result> {
  const model = findModel('claude-sonnet-5');
  const variants = [findVariant(name)];
  const [trial] = plan({ scenarios: [scenario], givenParams, variants, model, seed: 1, places: nowhere });
  if (!trial) throw new Error('There is no trial.');
  const environment = {
    ...trialEnvironment(folder, createInProcessSandbox()),
    mocksInProcess: true,
    ...more,
  };
  try {
    return await runTrial(trial, join(folder, 'trials/1.jsonl'), environment);
  } finally {
    environment.audit.close();
  }
}

test.each([
  ['crm-segment-report', { contacts: '300' }],
  ['crm-tag-cleanup', { contacts: '300' }],
  ['crm-notes-review', { contacts: '100' }],
  ['crm-top-customers', { contacts: '30' }],
  ['parametric', { calls: '20' }],
])('%s has the same bill where its program awaits one call after another', async (name, params) => {
  const [scenario] = await loadScenarios([name]);
  if (!scenario) throw new Error(`There is no ${name}.`);
  const given: Record<string, string> = { ...params };
  const atOnce = await tryIn(scenario, 'classic', given);
  expect(atOnce).toMatchObject({ correct: 1, schedule: { played: 'ahead' } });
  expect(withoutMeasured(await tryIn(inLoops(scenario), 'classic', given))).toEqual(withoutMeasured(atOnce));
});

test('as it is written, a loop asks for one call at a time', async () => {
  const [scenario] = await loadScenarios(['parametric']);
  if (!scenario) throw new Error('There is no parametric.');
  const result = await tryIn(inLoops(scenario), 'classic-as-written', { calls: '5' });
  expect(result).toMatchObject({ correct: 1, toolCalls: 5, roundTrips: 6 });
  expect(result.schedule).toBeUndefined();
});

test('where a trial asks for something else than when its schedule was found, result and trace say from where on', async () => {
  const [scenario] = await loadScenarios(['parametric']);
  if (!scenario) throw new Error('There is no parametric.');
  let times = 0;
  const body = `
    await mcp.store.get_item({ number: 1 });
    for (const number of [2, 3, turn]) await mcp.store.get_item({ number });
    return turn;`;
  const given = () => {
    times += 1;
    return { turn: 3 + times };
  };
  const restless = { ...scenario, given, sources: [{ body, input: { names: ['turn'] }, lines: [] }] };
  const folder = makeFolder({});
  const result = await tryIn(restless, 'classic', { calls: '10' }, folder);
  const schedule = {
    played: 'ahead',
    left: {
      calls: 4,
      because: 'store.get_item was asked for with other arguments than when the schedule was found',
    },
  };
  expect(result).toMatchObject({ toolCalls: 5, roundTrips: 3, schedule });
  const events = readFileSync(join(folder, 'trials/1.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"event":"schedule"'));
  expect(events.map((line) => JSON.parse(line))).toEqual([expect.objectContaining(schedule)]);
});

test('to find a schedule takes no longer than a trial may', async () => {
  const [scenario] = await loadScenarios(['parametric']);
  if (!scenario) throw new Error('There is no parametric.');
  const endless = { ...scenario, sources: [{ body: 'for (;;) await null;', input: undefined, lines: [] }] };
  const models = { limits: { timeoutMs: 1_500 } };
  // In a process of its own, which can be killed.
  const sandbox = await createSandbox({ level: 'L1', warm: 0 });
  onTestFinished(() => sandbox.close());
  expect(await tryIn(endless, 'classic', { calls: '1' }, makeFolder({}), { models, sandbox })).toMatchObject({
    status: 'infrastructure_error',
    reason:
      'To find when its calls can be asked for took longer than a trial may, 1.5 seconds. Raise --timeout.',
  });
});
