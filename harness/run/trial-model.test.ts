import { expect, test } from 'vitest';
import { createBudget } from '../agent/model/request-limits.ts';
import { findVariant } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import type { Meter } from '../meter/meter.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Trial } from './plan.ts';
import { openTrialModel } from './trial-model.ts';

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
