import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findVariants } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import type { Result } from '../results/summary.ts';
import { readTrace } from '../results/trace.ts';
import type { Faults } from '../results/world.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { loadScenarios } from '../scenario/load.ts';
import { makeFolder } from '../testing/command-line.ts';
import { nowhere } from '../testing/scenario-files.ts';
import { createCallCount } from '../tools/audit/verify.ts';
import { executeRun } from './execute-run.ts';
import { plan } from './plan.ts';
import { runInput } from './testing/run-input.ts';
import { trialEnvironment } from './testing/trial-environment.ts';
import { runTrial } from './trial.ts';

/** The files of a workflow over a CRM of sixty contacts. */
function workflow(name: string, { body, tool, right }: { body: string; tool: string; right: string }) {
  return {
    [`${name}/program.ts`]: `
export default async function program(mcp) {
  const ids = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => 'con_00000' + number);
  ${body}
}`,
    [`${name}/scenario.ts`]: `
export default {
  title: 'Faults', description: 'Made by a test.', task: 'Do it.', writes: true,
  servers: ({ seed }) => ({ crm: { mock: 'crm', options: { contacts: 60, seed } } }),
  tools: { crm: ['${tool}'] },
  graders: [{ name: 'test', grade: ({ answer, states }) => ({ correct: ${right}, reason: answer }) }],
};`,
  };
}

const workflows = {
  /** Sums what eight contacts ordered last, and takes what is missing for nothing. */
  ...workflow('spending', {
    tool: 'get_last_order',
    body: `
  const orders = await Promise.all(ids.map((contactId) => mcp.crm.get_last_order({ contactId })));
  return Math.round(orders.reduce((sum, { order }) => sum + (order?.id ? order.total : 0), 0));`,
    right: "answer === '2890'",
  }),
  /** Notes a call with each of them, once. */
  ...workflow('logging', {
    tool: 'add_activity',
    body: `
  for (const contactId of ids) await mcp.crm.add_activity({ contactId, type: 'call', subject: 'Renewal' });
  return 'noted';`,
    right: 'states.crm.changes.filter(({ entity }) => entity === "activity").length === 8',
  }),
};

/** One trial of each variant with these faults: results by variant, and what else it left. */
async function run(
  name: string,
  faults: Partial<Faults> & Pick<Faults, 'rates'>,
  variants = ['classic', 'code'],
) {
  const folder = makeFolder(workflows);
  const environment = { ...trialEnvironment(folder, createInProcessSandbox()), mocksInProcess: true };
  const trials = plan({
    scenarios: await loadScenarios([join(folder, name)]),
    givenParams: {},
    variants: findVariants(variants),
    model: findModel('claude-sonnet-5'),
    seed: 1,
    places: nowhere,
    conditions: { faults: { retries: 2, delayMs: 0, errors: 'exceptions', ...faults } },
  });
  const results: Record<string, Result> = {};
  const trace = (variant: string) => readTrace(join(folder, `${variant}.jsonl`)) ?? [];
  try {
    for (const trial of trials) {
      const { name } = trial.variant;
      results[name] = await runTrial(trial, join(folder, `${name}.jsonl`), environment);
    }
  } finally {
    environment.audit.close();
  }
  const { classic, code } = results;
  if (!classic || !code) throw new Error('A variant was not run.');
  return { classic, code, results, trace, log: join(folder, 'audit.jsonl') };
}

describe('with a retry policy', () => {
  test('every variant meets the same faults, asks again as often and is right; code pays less for it', async () => {
    const rates = { error: 0.15, protocol: 0.1, busy: 0.1, timeout: 0.1, dropped: 0.05 };
    const variants = ['classic', 'classic-search', 'classic-serial', 'code', 'code-typed', 'hybrid'];
    const { results, classic, code } = await run('spending', { rates, retries: 6 }, variants);
    expect(Object.values(classic.faults?.met ?? {}).length).toBeGreaterThan(1);
    expect(classic.faults?.retried).toBeGreaterThan(1);
    for (const [variant, { correct, faults, reason }] of Object.entries(results)) {
      expect(faults, variant).toEqual(classic.faults);
      expect(correct, reason).toBe(1);
    }
    const calm = await run('spending', { rates: {} });
    expect(classic.roundTrips).toBeGreaterThan(calm.classic.roundTrips);
    expect(code.roundTrips).toBe(calm.code.roundTrips);
  });

  test('a call that keeps failing is given up, and the trial ends without an answer', async () => {
    const { classic, code } = await run('spending', { rates: { error: 1 }, retries: 1 });
    for (const { status, faults } of [classic, code]) {
      expect(status).toBe('model_stopped');
      expect(faults).toMatchObject({ retried: 8, gaveUp: 8, silent: 0 });
    }
  });

  test('the audit log tells calls that never came back from answers, so that servers count the same', async () => {
    const { log, trace } = await run('spending', { rates: { error: 0.3, timeout: 0.3 } });
    const count = createCallCount();
    for (const line of readFileSync(log, 'utf8').trim().split('\n')) count.add(Buffer.from(line));
    const { differences, compared } = count.report();
    expect(differences).toEqual([]);
    expect(compared.length).toBeGreaterThan(1);
    const met = trace('code').flatMap((event) => (event.event === 'tool_result' ? [event.fault] : []));
    expect(new Set(met)).toEqual(new Set(['error', 'timeout', undefined]));
  });

  test('writes whose answers are lost are made twice, in both patterns and as if all were well', async () => {
    const { classic, code } = await run('logging', { rates: { timeout: 0.4 }, retries: 8 });
    expect(classic.faults?.wroteTwice).toBeGreaterThan(0);
    expect(code.faults).toEqual(classic.faults);
    for (const { status, correct, faults } of [classic, code]) {
      expect([status, correct, faults?.silent]).toEqual(['completed', 0, 1]);
    }
    const calm = await run('logging', { rates: { busy: 0.4 }, retries: 8 });
    expect([calm.classic.correct, calm.code.correct]).toEqual([1, 1]);
  });
});

test('trials that write twice by chance are compared by what they came to, not called unequal work', async () => {
  const folder = makeFolder(workflows);
  const faults = { rates: { timeout: 0.05 }, retries: 8, delayMs: 0, errors: 'exceptions' } as const;
  const model = findModel('claude-sonnet-5');
  const trials = plan({
    scenarios: await loadScenarios([join(folder, 'logging')]),
    givenParams: {},
    variants: findVariants(['classic', 'code']),
    ...{ model, seed: 1, places: nowhere, repeats: 4, conditions: { faults } },
  });
  const { results, verdicts } = await executeRun(
    runInput(folder, trials, { mocksInProcess: true, sandbox: createInProcessSandbox() }),
  );
  const shares = results.map(({ correct, faults }) => [correct, faults?.wroteTwice]);
  // Some of the four wrote twice, and each pattern the same ones.
  expect(shares[0]?.[0]).toBeGreaterThan(0);
  expect(shares[0]?.[0]).toBeLessThan(1);
  expect(shares[1]).toEqual(shares[0]);
  expect(verdicts?.[0]).toMatchObject({ basis: 'sampled', sides: { classic: { trials: 4 } } });
  expect(verdicts?.[0]?.because.kind).not.toBe('unequal_work');
});

describe('without a word', () => {
  test('a renamed field is a wrong answer where the tool no longer declares what it returns, else an error', async () => {
    const declared = await run('spending', { rates: { renamed: 1 } });
    const undeclared = await run('spending', { rates: { renamed: 1, schemaless: 1 } });
    for (const pattern of ['classic', 'code'] as const) {
      expect(declared[pattern].status).toBe('model_stopped');
      expect(declared[pattern].faults?.silent).toBe(0);
    }
    for (const pattern of ['classic', 'code'] as const) {
      expect(undeclared[pattern].status).toBe('completed');
      expect(undeclared[pattern].faults).toMatchObject({ retried: 0, silent: 1 });
    }
    // Before its program, code looks at a sample of what is not declared.
    expect(undeclared.classic.faults?.met).toEqual({ renamed: 8 });
    expect(undeclared.code.faults?.met).toEqual({ renamed: 9 });
  });

  test('errors as values are overlooked by a program and seen by a model that makes its calls itself', async () => {
    const faults = { rates: { error: 0.5 }, retries: 8 };
    const thrown = await run('spending', faults);
    expect([thrown.classic.correct, thrown.code.correct]).toEqual([1, 1]);
    const returned = await run('spending', { ...faults, errors: 'values' });
    expect([returned.classic.correct, returned.code.correct]).toEqual([1, 0]);
    expect(returned.code.status).toBe('completed');
    expect([returned.classic.faults?.silent, returned.code.faults?.silent]).toEqual([0, 1]);
  });
});
