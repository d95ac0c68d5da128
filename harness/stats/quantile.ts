/**
 * Quantile of values in ascending order at probability `p` (0 to 1), in their unit: definition 7 of Hyndman & Fan 1996 (The
 * American Statistician 50:361). With h = (n − 1)·p, it is linear between the order statistics ⌊h⌋ and ⌊h⌋ + 1, as by default
 * in R and NumPy. Neighbours that are infinitely far apart have no point between them, so there the nearer one is the
 * answer. Throws a RangeError for no values, and for a probability outside 0 to 1.
 */
export function sortedQuantile(ascending: ArrayLike<number>, p: number): number {
  if (ascending.length === 0) throw new RangeError('quantile: needs at least 1 value, got 0');
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
