import type { Result } from '../run/summary.ts';
import {
  bandOf,
  type Comparison,
  type ComputedVariant,
  type Fault,
  type SampledTrial,
  type Side,
} from './comparison.ts';
import { totalOf, wholeJob } from './measure.ts';
import type { Measure, UnequalCall } from './verdict-schema.ts';

/** What one trial came to, and which repeat it was. */
export type Repeat = { readonly repeat: number; readonly result: Result };

/** The trials of one variant. */
export type Group = { readonly result: Result; readonly trials: readonly Repeat[] };

export type ComparisonSettings = {
  by: Measure;
  /** Declared relative uncertainty of a ratio of local token counts. */
  uncertainty: number;
  unequalWork?: readonly UnequalCall[];
};

/** A perfect scripted model: its trials do not vary. */
export function isComputed({ evidence, imperfections }: Result): boolean {
  return evidence === 'scripted' && !imperfections;
}

/** The trials of one variant of one of the two sides. */
export type SideGroup = { readonly name: string; readonly pattern: Side; readonly trials: readonly Repeat[] };

/** What is compared of the variants of both patterns; see `compareTrials`. Hybrids belong to neither. */
export function compareResults(groups: readonly Group[], settings: ComparisonSettings): Comparison {
  const own = groups.flatMap(({ result: { pattern, variant }, trials }): SideGroup[] =>
    pattern === 'hybrid' ? [] : [{ name: variant, pattern, trials }],
  );
  return compareTrials(own, settings);
}

/**
 * What is compared of two sides by one measure. A trial that did not fit its window counts as wrong, and with what the whole
 * job would have taken. Repeats of a model with declared mistakes draw the same mistakes in all variants, so they are paired;
 * those of a live model share nothing.
 */
export function compareTrials(groups: readonly SideGroup[], settings: ComparisonSettings): Comparison {
  const { by, uncertainty, unequalWork = [] } = settings;
  const measured = groups.flatMap(({ trials }) => trials.map(({ result }) => result)).filter(isMeasured);
  const work = unequalWork.length > 0 ? { unequalWork } : {};
  if (new Set(measured.map(({ evidence }) => evidence)).size > 1)
    return { evidence: 'mixed', variants: groups };
  if (measured.every(isComputed)) {
    return {
      ...work,
      evidence: 'computed',
      variants: groups.map((each) => toComputed(each, by, uncertainty)),
    };
  }
  return {
    ...work,
    evidence: 'sampled',
    paired: measured.every(({ evidence }) => evidence === 'scripted'),
    variants: groups.map(({ name, pattern, trials }) => ({
      name,
      pattern,
      trials: trials.map(({ repeat, result }) => toTrial(repeat, result, by)),
    })),
  };
}

function toComputed({ name, pattern, trials }: SideGroup, by: Measure, uncertainty: number): ComputedVariant {
  const results = trials.map(({ result }) => result);
  const telling =
    results.find((result) => isMeasured(result) && result.correct !== 1) ?? results.find(isMeasured);
  const result = telling ?? (results[0] as Result);
  const value = telling ? totalOf(wholeJob(telling), by) : null;
  return {
    name,
    pattern,
    ended: endOf(result),
    band: value === null ? null : bandOf(value, result.provider ? 0 : uncertainty),
  };
}

function toTrial(repeat: number, result: Result, by: Measure): SampledTrial {
  const ended = endOf(result);
  return ended === 'right' || ended === 'wrong'
    ? { repeat, ended, value: totalOf(wholeJob(result), by) }
    : { repeat, ended };
}

function endOf(result: Result): 'right' | 'wrong' | Fault {
  if (!isMeasured(result)) return result.scenarioFault ? 'scenario' : 'infrastructure';
  return result.correct === 1 ? 'right' : 'wrong';
}

function isMeasured({ correct, status }: Result): boolean {
  return correct !== null && status !== 'infrastructure_error';
}
