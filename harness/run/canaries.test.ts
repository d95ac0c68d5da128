import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findVariants } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import type { CanaryReport } from '../results/world.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { loadScenarios } from '../scenario/load.ts';
import { makeFolder } from '../testing/command-line.ts';
import { nowhere } from '../testing/scenario-files.ts';
import { plan } from './plan.ts';
import { trialEnvironment } from './testing/trial-environment.ts';
import { runTrial } from './trial.ts';

/** What of five contacts' addresses each variant shows its model; the program returns this of each contact. */
async function exposed(returns: string): Promise<Record<string, CanaryReport | undefined>> {
  const folder = makeFolder({
    'jobs/program.ts': `
export default async function jobs(mcp) {
  const found = await Promise.all([1, 2, 3, 4, 5].map((id) => mcp.crm.get_contact({ id: 'con_00000' + id })));
  return found.map(({ contact }) => ${returns});
}`,
    'jobs/scenario.ts': `
export default {
  title: 'Jobs', description: 'Made by a test.', task: 'List the jobs.',
  servers: ({ seed }) => ({ crm: { mock: 'crm', options: { contacts: 60, seed } } }),
  tools: { crm: ['get_contact'] },
  canaries: { crm: { get_contact: ['email', 'phone'] } },
  graders: [{ name: 'any', grade: () => ({ correct: true, reason: 'Not graded.' }) }],
};`,
  });
  const environment = { ...trialEnvironment(folder, createInProcessSandbox()), mocksInProcess: true };
  const trials = plan({
    scenarios: await loadScenarios([join(folder, 'jobs')]),
    givenParams: {},
    variants: findVariants(['classic', 'classic-search', 'code', 'hybrid']),
    model: findModel('claude-sonnet-5'),
    seed: 1,
    places: nowhere,
  });
  try {
    const found: Record<string, CanaryReport | undefined> = {};
    for (const [at, trial] of trials.entries()) {
      const { canaries, status } = await runTrial(trial, join(folder, `${at}.jsonl`), environment);
      expect(status).toBe('completed');
      found[trial.variant.name] = canaries;
    }
    return found;
  } finally {
    environment.audit.close();
  }
}

test('direct calls show a model all that they return, programs what they hand back', async () => {
  const kept = await exposed('contact.jobTitle');
  for (const variant of ['classic', 'classic-search']) {
    expect(kept[variant], variant).toMatchObject({ returned: 10, reached: 10 });
    expect(kept[variant]?.bytes, variant).toBeGreaterThan(10 * 10);
  }
  expect(kept.code).toEqual({ returned: 10, reached: 0, bytes: 0 });
  const leaked = await exposed('contact.email');
  expect(leaked.code).toMatchObject({ returned: 10, reached: 5 });
});
