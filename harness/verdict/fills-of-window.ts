import type { ModelEntry } from '../model/catalogue.ts';
import type { Result } from '../run/summary.ts';
import type { Verdict } from './verdict-schema.ts';

export type WindowFills = NonNullable<NonNullable<Verdict['flips']>['window']>;

/**
 * How much of the context window the largest request of each variant takes: of those that did not fit, and of those that
 * would not if a request had `uncertainty` more tokens than were counted. What fits is as large in the end as its context,
 * in which each token is counted once. Empty where a provider counted: then what happened is what would happen.
 */
export function fillsOfWindow(
  results: readonly Result[],
  model: Pick<ModelEntry, 'contextWindow'>,
  uncertainty: number,
): WindowFills {
  return results.flatMap(({ variant, overflow, tokens, provider }) => {
    if (provider) return [];
    const filled = overflow
      ? overflow.inputTokens / overflow.contextWindow
      : tokens.context / model.contextWindow;
    const hangs = overflow ? filled <= 1 + uncertainty : filled * (1 + uncertainty) > 1;
    return overflow || hangs ? [{ variant, filled: Number(filled.toPrecision(3)), uncertainty, hangs }] : [];
  });
}
