import type { Result } from '../run/summary.ts';
import { totalOf, wholeJob } from './measure.ts';
import type { Measure, Verdict } from './verdict-schema.ts';

/** The reference variant unless another is named. */
export const defaultReference = 'classic';

/** Every variant's value and its ratio to the reference variant's, in the order of the results. */
export function climb(
  results: readonly Result[],
  by: Measure,
  named: string | undefined,
): NonNullable<Verdict['ladder']> | undefined {
  const reference = results.find(({ variant }) => variant === (named ?? defaultReference)) ?? results[0];
  const least = best(results, by);
  if (!reference || !least) return undefined;
  const whole = totalOf(wholeJob(reference), by);
  const rows = results.flatMap((result) => {
    const value = totalOf(wholeJob(result), by);
    if (value === null) return [];
    const ratio = whole ? Number((value / whole).toPrecision(3)) : null;
    return [{ variant: result.variant, correct: result.correct, value, ratio }];
  });
  return { reference: reference.variant, best: least.variant, rows };
}

/** The result that takes least among those most often right; the first of equals. What was not measured comes last. */
function best(results: readonly Result[], by: Measure): Result | undefined {
  const value = (result: Result) => totalOf(wholeJob(result), by) ?? Number.POSITIVE_INFINITY;
  return results.reduce<Result | undefined>((leader, result) => {
    if (!leader) return result;
    const [right, leading] = [result.correct ?? -1, leader.correct ?? -1];
    if (right !== leading) return right > leading ? result : leader;
    return value(result) < value(leader) ? result : leader;
  }, undefined);
}
