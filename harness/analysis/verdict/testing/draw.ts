import { createRandom } from '../../../../mock-servers/random.ts';
import type { Comparison, SampledTrial, SampledVariant, Side } from '../comparison.ts';

/** Trials of one variant: `right` of `count` answered rightly, each at `value`, times a factor that its number has. */
export function trialsOf(
  count: number,
  right: number,
  value: number,
  factor: (number: number) => number = () => 1,
): SampledTrial[] {
  return Array.from({ length: count }, (_, number) => ({
    ended: number < right ? 'right' : 'wrong',
    value: value * factor(number),
  }));
}

/** A comparison of one variant of each side. */
export function between(
  classic: readonly SampledTrial[],
  code: readonly SampledTrial[],
): Comparison & { evidence: 'sampled' } {
  return {
    evidence: 'sampled',
    variants: [
      { name: 'classic', pattern: 'classic', trials: classic },
      { name: 'code', pattern: 'code', trials: code },
    ],
  };
}

/** Probability of `right` of `count` where the true share is `share`. */
export function binomial(right: number, count: number, share: number): number {
  if (share === 1) return Number(right === count);
  let log = 0;
  for (let i = 1; i <= right; i++) log += Math.log(count - right + i) - Math.log(i);
  return Math.exp(log + right * Math.log(share) + (count - right) * Math.log(1 - share));
}

/** What is true of a simulated comparison. Costs are log-normal with mean 1 in classic and `ratio` in code. */
export interface Truth {
  readonly trials: number;
  /** Standard deviation of the logarithm of a cost. */
  readonly noise: number;
  /** True shares right. */
  readonly classic: number;
  readonly code: number;
  readonly ratio: number;
  /** Numbers of variants. */
  readonly variants?: readonly [classic: number, code: number];
  /** Trials of each variant of that side that infrastructure ends. */
  readonly lost?: Partial<Record<Side, number>>;
}

/** Draws comparisons of which `truth` holds, from one seed. */
export function comparisonsOf(truth: Truth, seed: number): () => Comparison & { evidence: 'sampled' } {
  const draw = createRandom(seed, 'comparisons');
  const { variants: [classics, codes] = [1, 1], lost = {} } = truth;
  return () => {
    const variant = (pattern: Side, index: number): SampledVariant => ({
      name: `${pattern}-${index}`,
      pattern,
      trials: Array.from({ length: truth.trials }, (_, number): SampledTrial => {
        if (number < (lost[pattern] ?? 0)) return { ended: 'infrastructure' };
        const isRight = draw.next() < truth[pattern];
        const noise = truth.noise * draw.normal() - truth.noise ** 2 / 2;
        return {
          ended: isRight ? 'right' : 'wrong',
          value: (pattern === 'code' ? truth.ratio : 1) * Math.exp(noise),
        };
      }),
    });
    return {
      evidence: 'sampled',
      variants: [
        ...Array.from({ length: classics }, (_, index) => variant('classic', index)),
        ...Array.from({ length: codes }, (_, index) => variant('code', index)),
      ],
    };
  };
}
