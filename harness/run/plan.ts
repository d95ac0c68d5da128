import { hash } from 'node:crypto';
import type { Variant } from '../agent/variants.ts';
import { UsageError } from '../errors.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
import { trialKey } from '../results/point.ts';
import type { Conditions } from '../results/world.ts';
import { resolveParams } from '../scenario/find.ts';
import type { Params, Scenario } from '../scenario/scenario.ts';
import { type ConfigPlaces, type ScenarioServers, serversOf } from '../scenario/servers.ts';
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
  /** Its servers, shared with all trials of the scenario. */
  servers: ScenarioServers;
  /** For what is drawn at random within this trial alone. */
  seed: number;
  /** What the run adds to its world. */
  conditions?: Conditions | undefined;
};

/** What a plan is made of. */
type PlanInput = {
  scenarios: Scenario[];
  givenParams: Record<string, string>;
  variants: Variant[];
  model: ModelEntry;
  seed: number;
  /** Where the servers that scenarios name are configured. */
  places: ConfigPlaces;
  /** How often each scenario is tried in each variant. */
  repeats?: number;
  conditions?: Conditions | undefined;
};

/**
 * All trials of a run in the order of execution: scenario by scenario, repeat by repeat, the variants of a repeat side by
 * side. Every other repeat takes the variants the other way round, so that none always goes first. What is drawn within a
 * trial flows from its repeat, alike for all variants: they are compared in pairs.
 */
export function plan(input: PlanInput): Trial[] {
  const { variants, model, seed, conditions, repeats = 1 } = input;
  return input.scenarios.flatMap((scenario) => {
    const params = resolveParams(scenario, input.givenParams);
    const servers = serversOf(scenario, { params, seed }, input.places);
    const alike = { scenario, params, model, servers, conditions, dataSeed: seed };
    return Array.from({ length: repeats }, (_, index) => index + 1).flatMap((repeat) =>
      (repeat % 2 === 1 ? variants : variants.toReversed()).map((variant) => ({
        ...{ ...alike, variant, repeat },
        seed: deriveSeed(seed, scenario.name, JSON.stringify(params), repeat),
      })),
    );
  });
}

/**
 * A text that no other trial of the run has, and this one always: it keeps a provider's prompt cache from serving one trial what
 * another wrote, and a recording of the trial still matches.
 */
export function saltOf({ seed, variant, model }: Trial): string {
  return hash('sha256', JSON.stringify([seed, variant.name, model.id])).slice(0, 16);
}

/** Identifies a trial within its run, as `trialKey` identifies its result. */
export function keyOf({ scenario, params, variant, repeat }: Trial): string {
  return trialKey({ scenario: scenario.name, params, variant: variant.name }, repeat);
}

/** Name of a trial for people and logs, unique within its run. */
export function trialName({ scenario, variant, repeat }: Trial): string {
  return `${scenario.name}/${variant.name}/${repeat}`;
}

/** One of `of` parts of a plan; `index` counts from 1. */
export type Shard = { index: number; of: number };

/** What a run that executed a shard records of the whole plan, so that the parts can be joined and what lacks is known. */
export type ShardRecord = Shard & {
  /** Names of all scenarios of the whole plan, in order. */
  scenarios: string[];
  /** Trials of the whole plan. */
  trials: number;
};

/**
 * The trials of one part of a plan, in the plan's order. Scenarios are dealt out in turn, each with all its trials, so that
 * its variants stay together and every machine comes to the same parts without talking to the others. Throws a `UsageError`
 * where there are more parts than scenarios: a machine with nothing to do is a mistake in the matrix.
 */
export function selectShard(
  trials: readonly Trial[],
  shard: Shard,
): { trials: Trial[]; record: ShardRecord } {
  const scenarios = [...new Set(trials.map((trial) => trial.scenario.name))];
  if (shard.index > scenarios.length) {
    throw new UsageError(
      `Shard ${shard.index}/${shard.of} is empty: there are ${scenarios.length} scenarios, so at most ${scenarios.length} shards.`,
    );
  }
  const own = new Set(scenarios.filter((_, position) => isOfShard(position, shard)));
  return {
    trials: trials.filter((trial) => own.has(trial.scenario.name)),
    record: { ...shard, scenarios, trials: trials.length },
  };
}

/** Whether the scenario at a position of the whole plan, counted from 0, is a shard's. */
export function isOfShard(position: number, { index, of }: Shard): boolean {
  return position % of === index - 1;
}
