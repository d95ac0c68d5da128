import type { Result } from '../../results/summary.ts';
import type { Verdict } from '../../results/verdict.ts';
import { weighAsIs } from './compare-results.ts';
import type { FlipInput } from './flips.ts';
import { largestRequestOf } from './measure.ts';

export type WindowFills = NonNullable<NonNullable<Verdict['flips']>['window']>;

/**
 * How much of the context window the largest request takes, of each side that did not fit and each variant whose fit decides:
 * where a request with as many tokens more or less as the count may be off would fit, or no more, and the decision would then
 * be another one. Empty where a provider counted: then what happened is what would happen.
 */
export function fillsOfWindow({
  results,
  judge,
  decision,
  by,
  model,
  requestUncertainty: uncertainty,
}: FlipInput): WindowFills {
  return results.flatMap((result) => {
    const { variant, overflow, provider } = result;
    if (provider) return [];
    const filled = largestRequestOf(result) / model.contextWindow;
    const mayTurn = overflow ? filled <= 1 + uncertainty : filled * (1 + uncertainty) > 1;
    const hangs = mayTurn && turned(result) !== decision.pattern;
    const isSide = [decision.sides.classic, decision.sides.code].some((side) => side?.name === variant);
    return (overflow && isSide) || hangs
      ? [{ variant, filled: Number(filled.toPrecision(3)), uncertainty, hangs }]
      : [];
  });

  /** What is recommended where this variant fits instead of not, or does not. */
  function turned({ variant, overflow }: Result): string {
    return judge((each) => {
      const own = weighAsIs(each, by);
      if (each.variant !== variant) return own;
      return { ...own, right: overflow ? each.hypothetical?.correct === 1 : false };
    }).pattern;
  }
}
