import { UsageError } from '../errors.ts';
import type { Trial } from './plan.ts';

/** One of `of` parts of a plan; `index` counts from 1. */
export type Shard = { index: number; of: number };

/** What a run that executed a shard records of the whole plan, so that the parts can be joined and what lacks is known. */
export type ShardRecord = Shard & {
  /** Names of all scenarios of the whole plan, in order. */
  scenarios: string[];
  /** Trials of the whole plan. */
  trials: number;
};

/** Reads `i/n`, such as `2/4`; undefined where it is none. */
export function parseShard(text: string): Shard | undefined {
  const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  return shard.index >= 1 && shard.index <= shard.of ? shard : undefined;
}

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
