import type { Result } from '../run/summary.ts';
import { totalOf, wholeJob } from './measure.ts';
import type { Measure } from './verdict-schema.ts';

/** The results that stand for the two patterns, or the pattern that has none. */
export function chooseSides(
  results: readonly Result[],
  by: Measure,
  reference: string | undefined,
): { classic: Result; code: Result } | { missing: 'classic' | 'code' } {
  const [classic, code] = (['classic', 'code'] as const).map((pattern) => {
    const own = results.filter((result) => result.pattern === pattern);
    return own.find((result) => result.variant === reference) ?? best(own, by);
  });
  if (!classic) return { missing: 'classic' };
  return code ? { classic, code } : { missing: 'code' };
}

/** The result that takes least among those most often right; the first of equals. What was not measured comes last. */
export function best(results: readonly Result[], by: Measure): Result | undefined {
  const value = (result: Result) => totalOf(wholeJob(result), by) ?? Number.POSITIVE_INFINITY;
  return results.reduce<Result | undefined>((leader, result) => {
    if (!leader) return result;
    const [right, leading] = [result.correct ?? -1, leader.correct ?? -1];
    if (right !== leading) return right > leading ? result : leader;
    return value(result) < value(leader) ? result : leader;
  }, undefined);
}
