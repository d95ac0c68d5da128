import type { ModelEntry } from '../model/catalogue.ts';
import type { Variant } from '../patterns/variants.ts';
import { resolveParams } from '../scenario/params.ts';
import type { Params, Scenario } from '../scenario/scenario.ts';
import { deriveSeed } from '../seed.ts';

/** One attempt: scenario × parameters × variant × model × repeat. */
export type Trial = {
  scenario: Scenario;
  params: Params;
  variant: Variant;
  model: ModelEntry;
  /** Counts from 1. */
  repeat: number;
  /** The root seed: what the servers' data flow from, so that every variant meets the same data. */
  dataSeed: number;
  /** For what is drawn at random within this trial alone. */
  seed: number;
};

/** What a plan is made of. */
export type PlanInput = {
  scenarios: Scenario[];
  givenParams: Record<string, string>;
  variants: Variant[];
  model: ModelEntry;
  seed: number;
};

/** All trials of a run in the order of execution: scenario by scenario, the variants of one side by side. */
export function plan(input: PlanInput): Trial[] {
  return input.scenarios.flatMap((scenario) => {
    const params = resolveParams(scenario, input.givenParams);
    return input.variants.map((variant) => ({
      scenario,
      params,
      variant,
      model: input.model,
      repeat: 1,
      dataSeed: input.seed,
      seed: deriveSeed(input.seed, scenario.name, JSON.stringify(params), 1),
    }));
  });
}
