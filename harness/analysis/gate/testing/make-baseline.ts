import {
  type Baseline,
  type BaselineScenario,
  type BaselineVariant,
  baselineFormat,
  type Figures,
} from '../../../results/baseline.ts';
import { noiseOf } from '../baseline.ts';

/** A result of `variant` with these figures; the rest is alike in all. */
export function makeVariant(
  variant: string,
  figures: Partial<Figures> = {},
  rest: Partial<BaselineVariant> = {},
): BaselineVariant {
  return {
    variant,
    evidence: 'scripted',
    status: 'completed',
    trials: 1,
    figures: {
      billedTokens: 10_000,
      contextTokens: 5_000,
      roundTrips: 4,
      toolCalls: 20,
      costCached: 0.02,
      costUncached: 0.03,
      correct: 1,
      ledger: {},
      ...figures,
    },
    results: {},
    ...rest,
  };
}

/**
 * A live result of as many trials as the list has values: `cost` has these, so have billed tokens at a million tokens a
 * dollar, and the rest is alike in all. `right` of them were right.
 */
export function makeLiveVariant(variant: string, cost: number[], right = cost.length): BaselineVariant {
  const mean = cost.reduce((sum, value) => sum + value, 0) / cost.length;
  const noise = cost.length > 1 ? noiseOf(cost) : undefined;
  const still = { contextTokens: 0, roundTrips: 0, toolCalls: 0, costUncached: 0 };
  return makeVariant(
    variant,
    { billedTokens: mean * 1_000_000, costCached: mean, correct: right / cost.length },
    {
      evidence: 'live',
      trials: cost.length,
      ...(noise !== undefined && { noise: { ...still, billedTokens: noise, costCached: noise } }),
    },
  );
}

/** A scenario with the same surface wherever it is made. */
export function makeScenario(
  scenario: string,
  variants: BaselineVariant[],
  rest: Partial<BaselineScenario> = {},
): BaselineScenario {
  return {
    scenario,
    params: {},
    hash: 'a hash',
    verdict: 'code',
    because: 'cheaper',
    surface: 'a surface',
    fields: {},
    variants,
    ...rest,
  };
}

/** A scripted run of these scenarios. */
export function makeBaseline(scenarios: BaselineScenario[], rest: Partial<Baseline> = {}): Baseline {
  return {
    format: baselineFormat,
    seed: 1,
    model: {
      id: 'a-model',
      asOf: '2026-01-01',
      prices: [{ input: 2, output: 10 }],
      contextWindow: 1_000_000,
    },
    tokenizer: 'a tokenizer',
    settings: {
      caching: 'cold',
      thinking: null,
      maxRoundTrips: null,
      maxTokens: null,
      by: 'cost',
      margin: 0.1,
      latencyProfile: 'default',
    },
    scenarios,
    surfaces: { 'a surface': { instructions: {}, tools: {} } },
    ...rest,
  };
}
