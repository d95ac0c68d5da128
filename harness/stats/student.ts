import { normalQuantile } from './normal.ts';

/** Beyond this the expansion is exact to about 1e-10, and the series would only cost time. */
const LAST_SERIES_DF = 200;

/**
 * Quantile of Student's t distribution at probability `p` (strictly between 0 and 1) with `df` degrees of
 * freedom, a whole number from 1. Up to 200 degrees the finite series of Abramowitz & Stegun 26.7.3–26.7.4 is
 * inverted by bisection; beyond, the expansion around the normal quantile, 26.7.5. Relative error below 1e-10
 * for probabilities from 0.001 to 0.999.
 */
export function studentQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1))
    throw new RangeError(`studentQuantile: probability must be between 0 and 1, got ${p}`);
  if (!Number.isSafeInteger(df) || df < 1) {
    throw new RangeError(`studentQuantile: degrees of freedom must be a whole number from 1, got ${df}`);
  }
  if (p < 0.5) return -studentQuantile(1 - p, df);
  return df > LAST_SERIES_DF ? expandAroundNormal(normalQuantile(p), df) : invertSeries(2 * p - 1, df);
}

/** t for which P(|T| ≤ t) = `central`, searched in the angle θ = atan(t/√ν), which is bounded. */
function invertSeries(central: number, df: number): number {
  let low = 0;
  let high = Math.PI / 2;
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (centralProbability(middle, df) < central) low = middle;
    else high = middle;
  }
  return Math.sqrt(df) * Math.tan((low + high) / 2);
}

/**
 * P(|T| ≤ √ν·tan θ): a sum of ⌊ν/2⌋ terms, each from the one before (26.7.3 for odd ν, 26.7.4 for even ν).
 */
function centralProbability(theta: number, df: number): number {
  const cosine = Math.cos(theta);
  const odd = df % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = df === 1 ? 0 : term;
  for (let power = odd ? 3 : 2; power <= df - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
}

function expandAroundNormal(z: number, df: number): number {
  const s = z * z;
  const first = (z * (s + 1)) / 4;
  const second = (z * ((5 * s + 16) * s + 3)) / 96;
  const third = (z * (((3 * s + 19) * s + 17) * s - 15)) / 384;
  const fourth = (z * ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945)) / 92_160;
  return z + (first + (second + (third + fourth / df) / df) / df) / df;
}
