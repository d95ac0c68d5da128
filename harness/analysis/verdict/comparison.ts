/** What `decide` makes a decision from: the variants of one workflow with what was measured of each, and the policy. */
import type { UnequalCall } from '../../results/verdict.ts';

/** The two patterns that a verdict chooses between. Hybrids and controls are never part of it. */
export type Side = 'classic' | 'code';
export const sides = ['classic', 'code'] as const;
export const otherSide = (side: Side): Side => (side === 'code' ? 'classic' : 'code');

/** Why a trial says nothing about its pattern: infrastructure failed, or the scenario's own code did. */
export type Fault = 'infrastructure' | 'scenario';

/**
 * One trial of a model that varies. `value` is the measure that decides, in its unit, above 0; null where it is unknown, as
 * the cost of a model without a price.
 */
export type SampledTrial =
  | { readonly ended: Fault }
  | { readonly ended: 'right' | 'wrong'; readonly value: number | null };

export interface SampledVariant {
  readonly name: string;
  readonly pattern: Side;
  readonly trials: readonly SampledTrial[];
}

/** What counting leaves open of a value, in the unit of the measure. */
export interface Band {
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

/** A variant of the scripted model: nothing varies, so one trial says it all. `band` is null where it is unknown. */
export interface ComputedVariant {
  readonly name: string;
  readonly pattern: Side;
  readonly ended: 'right' | 'wrong' | Fault;
  readonly band: Band | null;
}

export type Comparison = {
  /** Calls that gave different results in trials of the same work: then nothing can be compared. */
  readonly unequalWork?: readonly UnequalCall[];
} & (
  | { readonly evidence: 'sampled'; readonly variants: readonly SampledVariant[] }
  | { readonly evidence: 'computed'; readonly variants: readonly ComputedVariant[] }
  /** Some trials live and some replayed: two kinds of evidence are never mixed in one figure. */
  | { readonly evidence: 'mixed'; readonly variants: readonly { readonly pattern: Side }[] }
);

/** What counts as a difference, and how sure one must be of it. The simulations behind the defaults: scripts/verdict-tables.ts. */
export interface Policy {
  /** Ratios from 1/(1 + margin) to 1 + margin are no difference that matters. */
  readonly margin: number;
  /** Share right below which a pattern is not recommended. */
  readonly floor: number;
  /** Difference in share right that may be ignored. */
  readonly gap: number;
  /** Probability from which a fault of correctness counts as shown. */
  readonly sure: number;
  /** Probability from which a fault of correctness forbids a recommendation. */
  readonly doubt: number;
  /** Of the interval of the ratio, two-sided. */
  readonly confidence: number;
  /** Fewest trials of each side that are judged at all. */
  readonly fewest: number;
}

export const defaultPolicy: Policy = {
  margin: 0.1,
  floor: 0.8,
  gap: 0.05,
  sure: 0.95,
  doubt: 0.9,
  confidence: 0.95,
  fewest: 3,
};

/**
 * The band of a value where the ratio of two such values is known to a relative `uncertainty` u: value/√(1 + u) to value·√(1 + u),
 * so that the ratio of two bands spans ratio/(1 + u) to ratio·(1 + u).
 */
export function bandOf(value: number, uncertainty: number): Band {
  const reach = Math.sqrt(1 + uncertainty);
  return { low: value / reach, value, high: value * reach };
}
