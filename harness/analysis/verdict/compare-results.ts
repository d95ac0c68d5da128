import type { Result } from '../../results/summary.ts';
import type { Measure, UnequalCall } from '../../results/verdict.ts';
import {
  bandOf,
  type Comparison,
  type ComputedVariant,
  type Fault,
  type SampledTrial,
  type Side,
} from './comparison.ts';
import { totalOf, wholeJob } from './measure.ts';

/** What one trial came to, and which repeat it was. */
export type Repeat = { readonly repeat: number; readonly result: Result };

/** The trials of one variant. */
export type Group = { readonly result: Result; readonly trials: readonly Repeat[] };

export type ComparisonSettings = {
  by: Measure;
  /** Declared relative uncertainty of a ratio of local token counts. */
  uncertainty: number;
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
 * job would have taken. Trials of the scripted model do not vary, so what is compared of them is computed.
 */
export function compareTrials(groups: readonly SideGroup[], settings: ComparisonSettings): Comparison {
  const { by, uncertainty, unequalWork = [], weigh = (result) => weighAsIs(result, by) } = settings;
  const measured = groups.flatMap(({ trials }) => trials.map(({ result }) => result)).filter(isMeasured);
  const work = unequalWork.length > 0 ? { unequalWork } : {};
  if (new Set(measured.map(({ evidence }) => evidence)).size > 1)
    return { evidence: 'mixed', variants: groups };
  if (measured.every(({ evidence }) => evidence === 'scripted')) {
    return {
      ...work,
      evidence: 'computed',
      variants: groups.map((each) => toComputed(each, weigh, uncertainty)),
    };
  }
  return {
    ...work,
    evidence: 'sampled',
    variants: groups.map(({ name, pattern, trials }) => ({
      name,
      pattern,
      trials: trials.map(({ result }) => toTrial(result, weigh)),
    })),
  };
}

function toComputed(
  { name, pattern, trials }: SideGroup,
  weigh: WeighResult,
  uncertainty: number,
): ComputedVariant {
  const results = trials.map(({ result }) => result);
  const telling =
    results.find((result) => isMeasured(result) && !weigh(result).right) ?? results.find(isMeasured);
  const result = telling ?? (results[0] as Result);
  const value = telling ? weigh(telling).value : null;
  return {
    name,
    pattern,
    ended: endOf(result, weigh),
    band: value === null ? null : bandOf(value, result.provider ? 0 : uncertainty),
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

function isMeasured({ correct, status }: Result): boolean {
  return correct !== null && status !== 'infrastructure_error';
}
