import type { Pair } from './pair.ts';

/** Pairs in which exactly one of the two variants was correct, of all `pairs`. */
export interface Discordance {
  readonly onlyReference: number;
  readonly onlyVariant: number;
  readonly pairs: number;
}

/** There is a p-value only if some pair differs; agreement everywhere is no evidence about the difference. */
export type McNemarResult =
  | (Discordance & { readonly status: 'tested'; readonly method: 'exact' | 'mid_p'; readonly p: number })
  | (Discordance & { readonly status: 'no_discordant_pairs' });

/** Counts the pairs in which one variant was correct and the other was not. */
export function countDiscordance(pairs: readonly Pair<boolean>[]): Discordance {
  return {
    onlyReference: pairs.filter((pair) => pair.reference && !pair.variant).length,
    onlyVariant: pairs.filter((pair) => pair.variant && !pair.reference).length,
    pairs: pairs.length,
  };
}

/**
 * McNemar's test of equal correctness, two-sided, conditional on the m = b + c discordant pairs:
 * p = min(1, 2·P(X ≤ min(b, c))) with X ~ Binomial(m, ½).
 *
 * `mid_p` takes the probability of the observed split off once, p − P(X = min(b, c)), or half of it when b =
 * c. It loses less power and kept its level in all of 9,595 published cases, but does not guarantee it
 * (Fagerland, Lydersen & Laake 2013, BMC Medical Research Methodology 13:91).
 */
export function mcnemar(pairs: readonly Pair<boolean>[], method: 'exact' | 'mid_p' = 'exact'): McNemarResult {
  const discordance = countDiscordance(pairs);
  const { onlyReference, onlyVariant } = discordance;
  if (onlyReference + onlyVariant === 0) return { ...discordance, status: 'no_discordant_pairs' };
  return { ...discordance, status: 'tested', method, p: mcnemarP(onlyReference, onlyVariant, method) };
}

/** The p-value of `mcnemar` from the two discordant counts, whole numbers from 0 and not both 0. */
export function mcnemarP(onlyReference: number, onlyVariant: number, method: 'exact' | 'mid_p'): number {
  const discordant = onlyReference + onlyVariant;
  if (![onlyReference, onlyVariant].every((x) => Number.isSafeInteger(x) && x >= 0) || discordant === 0) {
    throw new RangeError(
      `mcnemarP: needs whole counts from 0, not both 0, got ${onlyReference} and ${onlyVariant}`,
    );
  }
  const fewer = Math.min(onlyReference, onlyVariant);
  const point = binomialHalf(fewer, discordant);
  if (2 * fewer === discordant) return method === 'exact' ? 1 : 1 - point / 2;
  let lowerTail = 0;
  let term = point;
  for (let k = fewer; k >= 0; k--) {
    lowerTail += term;
    term *= k / (discordant - k + 1);
  }
  const exact = Math.min(1, 2 * lowerTail);
  return method === 'exact' ? exact : exact - point;
}

/** P(X = k) for X ~ Binomial(m, ½); the logarithm keeps 2⁻ᵐ from vanishing at large m. */
function binomialHalf(k: number, m: number): number {
  let logChoose = 0;
  for (let i = 0; i < k; i++) logChoose += Math.log((m - i) / (i + 1));
  return Math.exp(logChoose - m * Math.LN2);
}
