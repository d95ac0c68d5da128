/** What `decide` makes a decision from: the variants of one workflow with what was measured of each, and the policy. */

import type { Measure } from '../../results/codes.ts';
import { isMeasured } from '../../results/reading.ts';
import type { Result } from '../../results/summary.ts';
import type { UnequalCall } from '../../results/verdict.ts';
import type { TrialResult } from '../aggregate.ts';
import { totalOf, uncertaintyOf, wholeJob } from './measure.ts';

/** The two patterns that a verdict chooses between. Hybrids and controls are never part of it. */
export type Side = 'classic' | 'code';
export const sides = ['classic', 'code'] as const;
/** Something of each side. */
export const ofSides = <T>(of: (side: Side) => T): Record<Side, T> => ({
  classic: of('classic'),
  code: of('code'),
});
export const otherSide = (side: Side): Side => (side === 'code' ? 'classic' : 'code');

/** Why a trial says nothing about its pattern: infrastructure failed, or the scenario's own code did. */
type Fault = 'infrastructure' | 'scenario';

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
  /** By what share all its values may be off for how tokens were counted, alike in each trial, at 90 %; 0 where absent. */
  readonly uncertainty?: number;
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
export const defaultPolicy = {
  /** Ratios from 1/(1 + margin) to 1 + margin are no difference that matters. */
  margin: 0.1,
  /** Share right below which a pattern is not recommended. */
  floor: 0.8,
  /** Difference in share right that may be ignored. */
  gap: 0.05,
  /** Probability from which a fault of correctness counts as shown. */
  sure: 0.95,
  /** Probability from which a fault of correctness forbids a recommendation. */
  doubt: 0.9,
  /** Of the interval of the ratio, two-sided. */
  confidence: 0.95,
  /** Fewest trials of each side that are judged at all. */
  fewest: 3,
};
export type Policy = Readonly<typeof defaultPolicy>;

/** From a half range at 90 % to one at the 95 % of the policy, both of a normal distribution: 1.960 / 1.645. */
const widened = 1.1915;

/** The factor that a value may be off by either way, 95 % likely, where it may be off by a relative `uncertainty`, 90 % likely. */
export function reachAt95(uncertainty: number): number {
  return 1 + widened * uncertainty;
}

/** The band in which a value lies, 95 % likely, that may be off by a relative `uncertainty`, 90 % likely. */
export function bandOf(value: number, uncertainty: number): Band {
  const reach = reachAt95(uncertainty);
  return { low: value / reach, value, high: value * reach };
}

/** The trials of one variant. */
export type Group = { readonly result: Result; readonly trials: readonly TrialResult[] };

type ComparisonSettings = {
  by: Measure;
  unequalWork?: readonly UnequalCall[];
  /** What a trial counts for, where an assumption is turned; its own value and whether it was right otherwise. */
  weigh?: WeighResult;
};

/** The value of a trial in the measure's unit, null where there is none, and whether it counts as right. */
export type WeighResult = (result: Result) => { value: number | null; right: boolean };

/** What a trial counts for as it was: with what the whole job took. */
export function weighAsIs(result: Result, by: Measure): ReturnType<WeighResult> {
  return { value: totalOf(wholeJob(result), by), right: result.correct === 1 };
}

/** The trials of one variant of one of the two sides. */
type SideGroup = { readonly name: string; readonly pattern: Side; readonly trials: readonly TrialResult[] };

/** What is compared of the variants of both patterns; see `compareTrials`. Hybrids belong to neither. */
export function compareResults(groups: readonly Group[], settings: ComparisonSettings): Comparison {
  const own = groups.flatMap(({ result: { pattern, variant }, trials }): SideGroup[] =>
    pattern === 'hybrid' ? [] : [{ name: variant, pattern, trials }],
  );
  return compareTrials(own, settings);
}

/**
 * What is compared of two sides by one measure. A trial that did not fit its window counts as wrong, and with what the whole
 * job would have taken. Trials of the scripted model do not vary, so what is compared of them is computed, unless calls fail by
 * chance.
 */
export function compareTrials(groups: readonly SideGroup[], settings: ComparisonSettings): Comparison {
  const { by, unequalWork = [], weigh = (result) => weighAsIs(result, by) } = settings;
  const measured = groups.flatMap(({ trials }) => trials.map(({ result }) => result)).filter(isMeasured);
  const work = unequalWork.length > 0 ? { unequalWork } : {};
  if (new Set(measured.map(({ evidence }) => evidence)).size > 1)
    return { evidence: 'mixed', variants: groups };
  if (measured.every(isComputed)) {
    return {
      ...work,
      evidence: 'computed',
      variants: groups.map((each) => toComputed(each, weigh, by)),
    };
  }
  return {
    ...work,
    evidence: 'sampled',
    variants: groups.map(({ name, pattern, trials }) => ({
      name,
      pattern,
      trials: trials.map(({ result }) => toTrial(result, weigh)),
      uncertainty: Math.max(0, ...trials.map(({ result }) => uncertaintyOf(result, by))),
    })),
  };
}

/** Whether every trial of its kind comes to the same: its model is scripted, and no call fails by chance. */
export function isComputed({ evidence, faults }: Result): boolean {
  return evidence === 'scripted' && faults === undefined;
}

function toComputed({ name, pattern, trials }: SideGroup, weigh: WeighResult, by: Measure): ComputedVariant {
  const results = trials.map(({ result }) => result);
  const telling =
    results.find((result) => isMeasured(result) && !weigh(result).right) ?? results.find(isMeasured);
  const result = telling ?? (results[0] as Result);
  const value = telling ? weigh(telling).value : null;
  return {
    name,
    pattern,
    ended: endOf(result, weigh),
    band: value === null ? null : bandOf(value, uncertaintyOf(result, by)),
  };
}

function toTrial(result: Result, weigh: WeighResult): SampledTrial {
  const ended = endOf(result, weigh);
  return ended === 'right' || ended === 'wrong' ? { ended, value: weigh(result).value } : { ended };
}

function endOf(result: Result, weigh: WeighResult): 'right' | 'wrong' | Fault {
  if (!isMeasured(result)) return result.scenarioFault ? 'scenario' : 'infrastructure';
  return weigh(result).right ? 'right' : 'wrong';
}
