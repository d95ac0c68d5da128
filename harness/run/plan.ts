import { createHash } from 'node:crypto';
import type { Variant } from '../agent/variants.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
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
  /** How often each scenario is tried in each variant. */
  repeats?: number;
};

/**
 * All trials of a run in the order of execution: scenario by scenario, repeat by repeat, the variants of a repeat side by
 * side. Every other repeat takes the variants the other way round, so that none always goes first. What is drawn within a
 * trial flows from its repeat, alike for all variants: they are compared in pairs.
 */
export function plan(input: PlanInput): Trial[] {
  const { variants, model, repeats = 1 } = input;
  return input.scenarios.flatMap((scenario) => {
    const params = resolveParams(scenario, input.givenParams);
    return Array.from({ length: repeats }, (_, index) => index + 1).flatMap((repeat) =>
      (repeat % 2 === 1 ? variants : variants.toReversed()).map((variant) => ({
        scenario,
        params,
        variant,
        model,
        repeat,
        dataSeed: input.seed,
        seed: deriveSeed(input.seed, scenario.name, JSON.stringify(params), repeat),
      })),
    );
  });
}

/**
 * A text that no other trial of the run has, and this one always: it keeps a provider's prompt cache from serving one trial what
 * another wrote, and a recording of the trial still matches.
 */
export function saltOf({ seed, variant, model }: Trial): string {
  const key = JSON.stringify([seed, variant.name, model.id]);
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

/** Name of a trial, unique within its run. */
export function trialName({ scenario, variant, repeat }: Trial): string {
  return `${scenario.name}/${variant.name}/${repeat}`;
}
