import { bootstrapRatio } from '../stats/bootstrap.ts';
import type { Estimate } from '../stats/estimate.ts';
import { type McNemarResult, mcnemar } from '../stats/mcnemar.ts';
import { type BaselineVariant, type Figures, type Metric, metrics } from './baseline.ts';

/**
 * How one figure changed. `exact` evidence says what it says; a `sampled` figure also carries the interval of the ratio
 * after ÷ before over trials paired by repeat, and correctness the test of equal shares.
 */
export type Change = {
  metric: Metric;
  before: number | null;
  after: number | null;
} & (
  | { evidence: 'exact' }
  | { evidence: 'sampled'; ratio: Estimate }
  | { evidence: 'sampled_share'; test: McNemarResult; pairs: number }
);

/** The draws of an interval are a matter of the data alone, so that a gate says the same of the same runs. */
const bootstrapSeed = 1;

/** All changes between two exact results; figures that are null on both sides are left out. */
export function exactChanges(before: Figures, after: Figures): Change[] {
  return metrics
    .map((metric): Change => ({ metric, before: before[metric], after: after[metric], evidence: 'exact' }))
    .filter((change) => change.before !== null || change.after !== null);
}

/** All changes between two results of several trials each. Trials are paired in order of repeat; a surplus is not used. */
export function sampledChanges(before: BaselineVariant, after: BaselineVariant): Change[] {
  return exactChanges(before.figures, after.figures).map((change) => {
    const { metric } = change;
    const [old, now] = [before.samples?.[metric] ?? [], after.samples?.[metric] ?? []];
    const pairs = Math.min(old.length, now.length);
    const [olds, nows] = [old.slice(0, pairs), now.slice(0, pairs)];
    const { evidence: _, ...values } = change;
    if (metric === 'correct') {
      const test = mcnemar(olds.map((value, at) => ({ reference: value === 1, variant: nows[at] === 1 })));
      return { ...values, evidence: 'sampled_share', test, pairs };
    }
    return { ...values, evidence: 'sampled', ratio: bootstrapRatio(nows, olds, { seed: bootstrapSeed }) };
  });
}
