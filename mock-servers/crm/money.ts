/** Whole cents of an amount with at most two decimals; sums are made in cents, where addition is exact. */
export function toCents(amount: number): number {
  return Math.round(amount * 100);
}

/** The amount, with at most two decimals, of whole cents. */
export function fromCents(cents: number): number {
  return cents / 100;
}
