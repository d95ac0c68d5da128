import {
  type BaselineVariant,
  type Figures,
  isSampled,
  type Metric,
  metrics,
} from '../../results/baseline.ts';

/**
 * How one figure changed. `computed` evidence says what it says. A `sampled` figure is the mean of trials; `noise` is their
 * standard deviation over the mean, null where too few were measured, and for correctness, whose count says it all.
 */
export type Change = { metric: Metric; before: number | null; after: number | null } & (
  | { evidence: 'computed' }
  | {
      evidence: 'sampled';
      trials: { before: number; after: number };
      noise: { before: number | null; after: number | null };
    }
);

/** All changes between two results; figures that are null on both sides are left out. */
export function findChanges(before: BaselineVariant, after: BaselineVariant): Change[] {
  const changes = computedChanges(before.figures, after.figures);
  if (!isSampled(before)) return changes;
  const trials = { before: before.trials, after: after.trials };
  return changes.map(({ metric, ...values }): Change => {
    const noiseOf = ({ noise }: BaselineVariant) => (metric === 'correct' ? null : (noise?.[metric] ?? null));
    const noise = { before: noiseOf(before), after: noiseOf(after) };
    return { metric, before: values.before, after: values.after, evidence: 'sampled', trials, noise };
  });
}

/** The same between two sets of figures that are exact, or taken as such. */
export function computedChanges(before: Figures, after: Figures): Change[] {
  return metrics
    .map((metric): Change => ({ metric, before: before[metric], after: after[metric], evidence: 'computed' }))
    .filter((change) => change.before !== null || change.after !== null);
}
