import { bootstrapRatio } from './bootstrap.ts';
import type { Estimate } from './estimate.ts';
import type { BootstrapOptions } from './resample.ts';

/** One priced trial. A trial with an unknown price does not belong here; zero would be a claim. */
export interface PricedTrial {
  readonly costUsd: number;
  readonly correct: boolean;
}

/**
 * Cost per correct trial in USD, Σcost/Σcorrect over all trials, so that what the wrong ones cost is paid by
 * the right ones. The interval is the bootstrap of that ratio of sums. With no correct trial the cost is
 * unbounded and the estimate is `none` for `zero_denominator`, value null; with so few that a like sample
 * could have had none, it is a `lower_bound`.
 */
export function costPerCorrect(trials: readonly PricedTrial[], options: BootstrapOptions): Estimate {
  return bootstrapRatio(
    trials.map((trial) => trial.costUsd),
    trials.map((trial) => (trial.correct ? 1 : 0)),
    options,
  );
}
