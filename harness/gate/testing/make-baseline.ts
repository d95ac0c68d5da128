import {
  type Baseline,
  type BaselineScenario,
  type BaselineVariant,
  baselineFormat,
  type Figures,
  type Samples,
} from '../baseline.ts';

/** A result of `variant` with these figures; the rest is alike in all. */
export function makeVariant(
  variant: string,
  figures: Partial<Figures> = {},
  rest: Partial<BaselineVariant> = {},
): BaselineVariant {
  return {
    variant,
    evidence: 'scripted',
    pattern: variant === 'code' ? 'code' : 'classic',
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

/** A live result of as many trials as each list has values; billed tokens and correctness vary, the rest is alike. */
export function makeLiveVariant(variant: string, billedTokens: number[], correct: number[]): BaselineVariant {
  const alike = (value: number) => billedTokens.map(() => value);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const samples: Samples = {
    billedTokens,
    correct,
    contextTokens: alike(5_000),
    roundTrips: alike(4),
    toolCalls: alike(20),
    costCached: alike(0.02),
    costUncached: alike(0.03),
  };
  const figures = { billedTokens: mean(billedTokens), correct: mean(correct) };
  return makeVariant(variant, figures, { samples, evidence: 'live', trials: billedTokens.length });
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
    surface: { instructions: {}, tools: [] },
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
    imperfections: null,
    settings: {
      caching: true,
      thinking: null,
      maxRoundTrips: null,
      maxTokens: null,
      by: 'cost',
      reference: null,
      margin: 0.1,
      latencyProfile: 'default',
    },
    scenarios,
    definitions: {},
    ...rest,
  };
}
