import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findVariants } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import type { Result } from '../results/summary.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { loadScenarios } from '../scenario/load.ts';
import { makeFolder } from '../testing/command-line.ts';
import { nowhere } from '../testing/scenario-files.ts';
import { plan } from './plan.ts';
import { trialEnvironment } from './testing/trial-environment.ts';
import { runTrial } from './trial.ts';

/** One lookup that may use four tools, by variant: those that learn of tools in different ways. */
async function lookUp(distractors?: number): Promise<Record<string, Result>> {
  const folder = makeFolder({});
  const environment = { ...trialEnvironment(folder, createInProcessSandbox()), mocksInProcess: true };
  const trials = plan({
    scenarios: await loadScenarios(['crm-contact-lookup']),
    givenParams: { contacts: '60' },
    variants: findVariants(['classic', 'classic-search', 'code', 'code-typed']),
    model: findModel('claude-sonnet-5'),
    seed: 1,
    places: nowhere,
    ...(distractors !== undefined && { conditions: { distractors } }),
  });
  try {
    const results: Record<string, Result> = {};
    for (const [at, trial] of trials.entries()) {
      results[trial.variant.name] = await runTrial(trial, join(folder, `${at}.jsonl`), environment);
    }
    return results;
  } finally {
    environment.audit.close();
  }
}

test('near-duplicate tools of other servers change the definitions that are read, and never the answer', async () => {
  const none = await lookUp();
  const ten = await lookUp(10);
  const hundred = await lookUp(100);
  for (const [variant, result] of Object.entries({ ...hundred })) {
    const other = none[variant];
    expect([result.correct, ten[variant]?.correct, other?.correct], variant).toEqual([1, 1, 1]);
    expect(result.toolCalls, variant).toBe(other?.toolCalls);
    expect([ten[variant]?.tools, result.tools], variant).toEqual([14, 104]);
  }
  const growth = (variant: string, more: Record<string, Result>) =>
    (more[variant]?.tokens.billed ?? 0) / (none[variant]?.tokens.billed ?? 1);
  expect(growth('classic', ten)).toBeGreaterThan(1.5);
  expect(growth('classic', hundred)).toBeGreaterThan(8);
  expect(growth('code', hundred)).toBeLessThan(1.5);
  expect(growth('classic-search', hundred)).toBeLessThan(2.5);
});
