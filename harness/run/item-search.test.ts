import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { findVariants } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import { findLatencyProfile } from '../meter/latency.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { loadScenarios } from '../scenario/load.ts';
import { makeFolder } from '../testing/command-line.ts';
import { nowhere } from '../testing/scenario-files.ts';
import { searchItems } from './execute-run.ts';
import { openRun, type RunInput } from './open-run.ts';
import { plan } from './plan.ts';
import { runTrials } from './run-trials.ts';

/** The files of a workflow whose number of items can be searched. */
function workflow(name: string) {
  return {
    [`${name}/program.ts`]: `
export default async function program(mcp) {
  await mcp.crm.get_contact({ id: 'con_000001' });
  return 'done';
}`,
    [`${name}/scenario.ts`]: `
export default {
  title: 'Sizes', description: 'Made by a test.', task: 'Do it.', writes: true,
  params: { contacts: { type: 'integer', default: 60, min: 1, max: 500, description: 'contacts' } },
  items: 'contacts',
  servers: ({ params, seed }) => ({ crm: { mock: 'crm', options: { contacts: params.contacts, seed } } }),
  graders: [{ name: 'any', grade: () => ({ correct: true, reason: 'Not graded.' }) }],
};`,
  };
}

test('searches go side by side, and one after the other where they write to the same server', async () => {
  const folder = makeFolder({ ...workflow('one'), ...workflow('two') });
  const [model, seed] = [findModel('claude-sonnet-5'), 1];
  const trials = plan({
    scenarios: await loadScenarios([join(folder, 'one'), join(folder, 'two')]),
    givenParams: {},
    variants: findVariants(['classic', 'code']),
    ...{ model, seed, places: nowhere },
  });
  const inProcess = createInProcessSandbox();
  const runs = vi.fn(inProcess.run);
  const sandbox = { ...inProcess, run: runs };
  await using run = await openRun({
    ...{ trials, model, seed, places: nowhere },
    profile: findLatencyProfile('default'),
    out: join(folder, 'out'),
    timeouts: { connectMs: 20_000, callMs: 20_000 },
    auditFsync: false,
    lock: { file: join(folder, 'lock.json'), lock: undefined },
    trust: { admit: () => {} },
    sandbox,
    concurrency: 2,
    mocksInProcess: true,
    findItems: true,
    sayVerdict: () => '',
    signal: new AbortController().signal,
    onEvent: () => {},
  });
  await runTrials(run);
  const counts = { underWay: 0, most: 0, begun: 0 };
  const program = { source: 'return 1;', api: {} };
  const execute = async ({ sandbox }: RunInput) => {
    counts.begun += 1;
    await sandbox?.run(program, { call: () => Promise.reject(new Error('It calls nothing.')) });
    counts.underWay += 1;
    counts.most = Math.max(counts.most, counts.underWay);
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    counts.underWay -= 1;
    throw new Error('That is enough.');
  };
  await searchItems(run, execute);
  expect(counts).toEqual({ underWay: 0, most: 2, begun: 2 });
  // What a search runs may share processes.
  const ofSearches = runs.mock.calls.filter(([ran]) => ran === program);
  expect(ofSearches.map(([, { trusted }]) => trusted)).toEqual([true, true]);
  counts.most = 0;
  const resolve = async () => ({ crm: { url: 'http://127.0.0.1:1/mcp', headers: {} } });
  for (const { servers } of trials) servers.resolve = resolve;
  await searchItems(run, execute);
  expect(counts).toEqual({ underWay: 0, most: 1, begun: 4 });
});
