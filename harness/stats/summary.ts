/** Arithmetic mean, Σx/n. Throws a RangeError for no values: a mean of nothing is a caller's mistake. */
export function mean(values: readonly number[]): number {
  requireValues(values, 1, 'mean');
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * Sample standard deviation, √(Σ(x − x̄)²/(n − 1)), in the unit of the values. Two passes, because the
 * one-pass formula Σx² − n·x̄² cancels when the mean is large beside the spread (Chan, Golub & LeVeque 1983,
 * The American Statistician 37:242). Throws a RangeError below two values.
 */
export function sampleSd(values: readonly number[]): number {
  requireValues(values, 2, 'sample standard deviation');
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * Quantile at probability `p` (0 to 1), definition 7 of Hyndman & Fan 1996 (The American Statistician
 * 50:361): with h = (n − 1)·p, linear between the order statistics ⌊h⌋ and ⌊h⌋ + 1. It is the default of R
 * and NumPy.
 */
export function quantile(values: readonly number[], p: number): number {
  return sortedQuantile(Float64Array.from(values).sort(), p);
}

/**
 * `quantile` for values already in ascending order, which lets several quantiles share one sort. Neighbours
 * that are infinitely far apart have no point between them, so there the nearer one is the answer.
 */
export function sortedQuantile(ascending: ArrayLike<number>, p: number): number {
  requireValues(ascending, 1, 'quantile');
  if (!(p >= 0 && p <= 1)) throw new RangeError(`quantile: probability must be from 0 to 1, got ${p}`);
  const position = (ascending.length - 1) * p;
  const index = Math.floor(position);
  const fraction = position - index;
  const below = ascending[index] as number;
  const above = ascending[Math.min(index + 1, ascending.length - 1)] as number;
  if (fraction === 0 || below === above) return below;
  const distance = above - below;
  if (!Number.isFinite(distance)) return fraction < 0.5 ? below : above;
  // Rounding may carry the sum past its end by one unit in the last place.
  return Math.min(below + fraction * distance, above);
}

function requireValues(values: ArrayLike<number>, least: number, what: string): void {
  if (values.length < least) {
    throw new RangeError(`${what}: needs at least ${least} value(s), got ${values.length}`);
  }
}
