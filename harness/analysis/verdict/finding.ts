/**
 * What the evidence says of the two sides, computed or sampled: which variant represents each, the ratio of the measure with
 * its interval, and how likely each fault of correctness is. `decide` makes the decision of it.
 */

import type { Ratio, SideFigures } from '../../results/verdict.ts';
import {
  mean,
  posterior,
  probabilityBelow,
  probabilityWorse,
  spreadOfDifference,
  studentQuantile,
  varianceOf,
} from '../stats/belief.ts';
import {
  type Band,
  type ComputedVariant,
  ofSides,
  otherSide,
  type Policy,
  reachAt95,
  type SampledTrial,
  type SampledVariant,
  type Side,
  sides,
} from './comparison.ts';

/** A trial that was answered, rightly or not. */
type Answered = Extract<SampledTrial, { readonly value: number | null }>;

/** What the evidence says, of whichever kind it is. Probabilities: of lying under the floor, and of being right less often. */
export interface Finding {
  readonly sides: Record<Side, SideFigures>;
  /** Null where a side has no value by this measure. */
  readonly ratio: Ratio | null;
  readonly under: Record<Side, number>;
  readonly worse: Record<Side, number>;
  /** The interval that `trials` of each side would give if all else stays; null where nothing can be repeated. */
  readonly repeat: ((trials: number) => Ratio) | null;
}

/** The best right variant of each side; certain but for its band. Both sides need a variant that was answered. */
export function findComputed(variants: readonly ComputedVariant[]): Finding {
  const picked = ofSides((pattern) => {
    const all = variants.filter((each) => each.pattern === pattern && isAnswered(each.ended));
    const from = preferred(all, ({ ended }) => ended === 'right');
    const best = from.reduce((leader, each) => (orInfinity(each) < orInfinity(leader) ? each : leader));
    const bands = from.flatMap(({ band }) => band ?? []);
    const right = best.ended === 'right' ? 1 : 0;
    return {
      figures: toFigures(best.name, best.band?.value ?? null, right, 1, all.length),
      // Whichever is truly the best takes no more than the lowest top of a band, so that choosing among several costs nothing.
      value: best.band?.value ?? 0,
      low: Math.min(...bands.map(({ low }) => low)),
      high: Math.min(...bands.map(({ high }) => high)),
    };
  });
  const figures = ofSides((side) => picked[side].figures);
  const value = ratioOf(figures.code, figures.classic);
  return {
    sides: figures,
    ratio: value === null ? null : { value, ...spanOf(value, picked.classic, picked.code) },
    under: ofSides((side) => 1 - figures[side].share),
    worse: ofSides((side) => (1 - figures[side].share) * figures[otherSide(side)].share),
    repeat: null,
  };
}

/**
 * The interval of a ratio of two values that are off independently: on logarithms, the two reaches add up as squares. Where one
 * side's band does not reach the value that was measured, that side gives no reach. Errors of one kind of text are not taken to
 * cancel between the sides: of ratios of 20 to 60 recorded steps of one task such intervals held 67 %, these 94 to 98 %.
 */
function spanOf(value: number, classic: Band, code: Band): { low: number; high: number } {
  const reach = (inside: number, outside: number) => Math.max(0, Math.log(outside / inside));
  const down = Math.hypot(reach(code.low, code.value), reach(classic.value, classic.high));
  const up = Math.hypot(reach(code.value, code.high), reach(classic.low, classic.value));
  return { low: value * Math.exp(-down), high: value * Math.exp(up) };
}

/** A variant with its trials that were answered; `chosenFrom` is how many variants of its side there were. */
interface Picked {
  readonly name: string;
  readonly trials: readonly Answered[];
  readonly chosenFrom: number;
  /** By what share all its values may be off for how tokens were counted, at 90 %. */
  readonly uncertainty: number;
}

/**
 * The variant of each side that takes least, among those whose correctness is not in doubt (under the floor, or right less
 * often than the variant that was right most often), or among all where none is free of doubt. Variants with fewer trials than
 * are judged at all come last.
 */
export function pickSides(variants: readonly SampledVariant[], policy: Policy): Record<Side, Picked> {
  const candidates = variants.map(({ name, pattern, trials, uncertainty = 0 }) => {
    const answered = trials.filter((trial): trial is Answered => isAnswered(trial.ended));
    const right = countRight(answered);
    return {
      name,
      ...{ pattern, uncertainty },
      trials: answered,
      share: answered.length > 0 ? right / answered.length : 0,
      value: meanValue(answered) ?? Infinity,
      belief: posterior(right, answered.length),
      suffices: answered.length >= policy.fewest,
    };
  });
  const judged = preferred(candidates, ({ suffices }) => suffices);
  const top = judged.reduce((best, each) => (each.share > best.share ? each : best));
  const isSound = ({ belief }: (typeof candidates)[number]) =>
    probabilityBelow(belief, policy.floor) < policy.doubt &&
    probabilityWorse(belief, top.belief, policy.gap) < policy.doubt;
  return ofSides((pattern): Picked => {
    const all = candidates.filter((each) => each.pattern === pattern && each.trials.length > 0);
    const enough = preferred(all, ({ suffices }) => suffices);
    const best = preferred(enough, isSound).reduce((least, each) =>
      each.value < least.value ? each : least,
    );
    return { ...best, chosenFrom: all.length };
  });
}

/** The figures of the two sides as they were picked, with at least two trials each. */
export function findSampled(picked: Record<Side, Picked>, policy: Policy): Finding {
  const figures = ofSides((side) => figuresOf(picked[side]));
  const belief = ofSides((side) => posterior(figures[side].right, figures[side].trials));
  const measured = measureRatio(picked, policy.confidence);
  return {
    sides: figures,
    ratio: measured?.(Math.min(...sides.map((side) => figures[side].trials)), 0) ?? null,
    under: ofSides((side) => probabilityBelow(belief[side], policy.floor)),
    worse: ofSides((side) => probabilityWorse(belief[side], belief[otherSide(side)], policy.gap)),
    // 0.84 standard errors more than the interval: four times in five the next estimate lies no nearer to the margin.
    repeat: measured && ((trials) => measured(trials, 0.84)),
  };
}

export function figuresOf({ name, trials, chosenFrom }: Picked): SideFigures {
  return toFigures(name, meanValue(trials), countRight(trials), trials.length, chosenFrom);
}

/**
 * The ratio of code to classic with its interval, exp(ln ratio ± t·se), as it is and as `trials` of each side would give it with
 * `extra` standard errors to spare. The delta method on logarithms: each trial pulls the logarithm of its side's mean by
 * value/mean − 1; se is Welch's of the pulls. What counting leaves open of each side is independent of that, and adds up with it
 * as squares do. The best of several variants is partly lucky, which can only flatter its own side; so each bound pays, by
 * Bonferroni's division of its level, for the choice that moved it.
 */
function measureRatio(
  { classic, code }: Record<Side, Picked>,
  confidence: number,
): ((trials: number, extra: number) => Ratio) | null {
  const value = ratioOf({ value: meanValue(code.trials) }, { value: meanValue(classic.trials) });
  if (value === null) return null;
  const spread = spreadOfDifference(pulls(code.trials), pulls(classic.trials));
  const counting = [classic, code].map(({ uncertainty }) => Math.log(reachAt95(uncertainty)));
  const have = Math.min(classic.trials.length, code.trials.length);
  return (trials, extra) => {
    const times = trials / have;
    const reach = (choices: number) => {
      const t = studentQuantile(1 - (1 - confidence) / 2 / choices, spread.df * times);
      return Math.exp(Math.hypot(((t + extra) * spread.error) / Math.sqrt(times), ...counting));
    };
    return { value, low: value / reach(classic.chosenFrom), high: value * reach(code.chosenFrom) };
  };
}

/** How much it varies how far each trial pulls the logarithm of the mean: value/mean − 1, its influence value. */
function pulls(trials: readonly Answered[]): { variance: number; n: number } {
  const values = trials.map(({ value }) => value ?? 0);
  const centre = mean(values);
  return { variance: varianceOf(values.map((value) => value / centre - 1)), n: values.length };
}

function toFigures(
  name: string,
  value: number | null,
  right: number,
  trials: number,
  chosenFrom: number,
): SideFigures {
  const share = right / trials;
  return {
    name,
    value,
    right,
    trials,
    share,
    chosenFrom,
    perRight: value === null || share === 0 ? null : value / share,
  };
}

/** Code to classic; null where one of them is unknown or nothing. */
function ratioOf(code: { value: number | null }, classic: { value: number | null }): number | null {
  return code.value && classic.value ? code.value / classic.value : null;
}

/** The mean of the measure over trials; null where there is none, or one of them has no value. */
function meanValue(trials: readonly Answered[]): number | null {
  const values = trials.flatMap(({ value }) => value ?? []);
  return values.length === trials.length && values.length > 0 ? mean(values) : null;
}

function countRight(trials: readonly Answered[]): number {
  return trials.filter(({ ended }) => ended === 'right').length;
}

export function isAnswered(ended: ComputedVariant['ended']): boolean {
  return ended === 'right' || ended === 'wrong';
}

function orInfinity({ band }: ComputedVariant): number {
  return band?.value ?? Infinity;
}

function preferred<T>(all: readonly T[], is: (each: T) => boolean): readonly T[] {
  const good = all.filter(is);
  return good.length > 0 ? good : all;
}
