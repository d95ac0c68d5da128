import type { ModelEntry } from '../model/catalogue.ts';
import type { Result } from '../run/summary.ts';
import { recommend } from './flips.ts';
import type { Verdict } from './verdict-schema.ts';

export type WindowFills = NonNullable<NonNullable<Verdict['flips']>['window']>;

export type WindowInput = {
  classic: Result;
  code: Result;
  /** Code to classic for the whole job, window or not, and its relative uncertainty. */
  ratio: number;
  uncertainty: number;
  margin: number;
  /** The relative uncertainty of the count of one request. */
  requestUncertainty: number;
  model: Pick<ModelEntry, 'contextWindow'>;
};

/**
 * How much of the context window the largest request takes, of each variant that did not fit or whose fit decides the verdict:
 * where a request with as many tokens more or less as the count may be off would fit, or no more, and another pattern would
 * then be recommended. What fits is as large in the end as its context, in which each token is counted once. Empty where a
 * provider counted: then what happened is what would happen.
 */
export function fillsOfWindow(input: WindowInput): WindowFills {
  const { classic, code, requestUncertainty: uncertainty } = input;
  const now = recommended(classic.correct, code.correct, input);
  return [classic, code].flatMap((result) => {
    const { variant, overflow, tokens, provider } = result;
    if (provider) return [];
    const filled = overflow
      ? overflow.inputTokens / overflow.contextWindow
      : tokens.context / input.model.contextWindow;
    const mayTurn = overflow ? filled <= 1 + uncertainty : filled * (1 + uncertainty) > 1;
    const otherwise = overflow ? (result.hypothetical?.correct ?? 0) : 0;
    const turned =
      result === classic
        ? recommended(otherwise, code.correct, input)
        : recommended(classic.correct, otherwise, input);
    const hangs = mayTurn && turned !== now;
    return overflow || hangs ? [{ variant, filled: Number(filled.toPrecision(3)), uncertainty, hangs }] : [];
  });
}

/** What two shares of right trials and a ratio recommend. */
function recommended(
  classic: number | null,
  code: number | null,
  input: Pick<WindowInput, 'ratio' | 'uncertainty' | 'margin'>,
): string {
  const [left, right] = [classic ?? 0, code ?? 0];
  if (left !== right) return left > right ? 'classic' : 'code';
  return left === 0 ? 'neither' : recommend(input.ratio, input);
}
