import type { ModelEntry, PriceTier } from './catalogue.ts';
import type { RequestBill } from './ledger.ts';

/** USD for a sequence of requests, with the prompt cache as billed and without any; null where a price is unknown. */
export type Cost = { cached: number; uncached: number };

/**
 * The tier that prices a request: the first whose prompt limit holds. It is chosen by the whole prompt and prices the output too.
 */
export function priceTierFor(model: ModelEntry, promptTokens: number): PriceTier | undefined {
  return model.prices.find((tier) => tier.maxPromptTokens === null || promptTokens <= tier.maxPromptTokens);
}

/**
 * What the requests cost. cached = fresh·input + cacheWrite·cacheWrite5m + cacheRead·cacheRead + output·output, uncached =
 * input·input + output·output, in USD per million tokens; rounded to a millionth of a cent. Null if any request has no price.
 */
export function costOf(model: ModelEntry, bills: readonly RequestBill[]): Cost | null {
  let cached = 0;
  let uncached = 0;
  for (const bill of bills) {
    const price = priceTierFor(model, bill.input);
    if (!price) return null;
    const output = bill.output * price.output;
    cached +=
      bill.fresh * price.input +
      bill.cacheWrite * price.cacheWrite5m +
      bill.cacheRead * price.cacheRead +
      output;
    uncached += bill.input * price.input + output;
  }
  return { cached: toUsd(cached), uncached: toUsd(uncached) };
}

function toUsd(tokensTimesPrice: number): number {
  return Math.round(tokensTimesPrice * 100) / 100_000_000;
}
