import { createRandom, type Random } from '../../../mock-servers/random.ts';
import type { Estimate } from '../../results/statistics.ts';
import { normalCdf, normalQuantile } from './normal.ts';

/** Settings of a bootstrap: `seed` decides every draw, so the same seed and data give the same interval. */
export interface BootstrapOptions {
  readonly seed: number;
  /** Two-sided, from 0.5 to below 1; 0.95 unless told otherwise. */
  readonly confidence?: number;
  /** 10,000 unless told otherwise: Hesterberg 2015 asks for that many, lest the bounds depend on the seed. */
  readonly resamples?: number;
}

/** Checked options, with the stream of the seed. */
interface BootstrapSettings {
  readonly random: Random;
  readonly confidence: number;
  readonly resamples: number;
}

/**
 * Checks options and fills in the defaults. Callers do this before they look at the data, so that a wrong
 * confidence is met on the first run and not on the first run whose values vary.
 */
export function resolveBootstrap(options: BootstrapOptions): BootstrapSettings {
  const { seed, confidence = 0.95, resamples = 10_000 } = options;
  // Below one half a bound could fall among the resamples whose denominator is zero, up to 37 % of them.
  if (!(confidence >= 0.5 && confidence < 1)) {
    throw new RangeError(`bootstrap: confidence must be from 0.5 to below 1, got ${confidence}`);
  }
  if (!Number.isSafeInteger(resamples) || resamples < 1) {
    throw new RangeError(`bootstrap: resamples must be a whole number from 1, got ${resamples}`);
  }
  return { random: createRandom(seed, 'bootstrap'), confidence, resamples };
}

/** A statistic of the observations at the positions in `pick`, on the scale where it is resampled. */
interface ResampledStatistic {
  readonly of: (pick: Uint32Array) => number;
  /** Brings a bound back from that scale; must be increasing. */
  readonly restore: (bound: number) => number;
}

/**
 * Percentile interval of `statistic` over `n` observations around its observed `value`. Draws that give NaN
 * are drawn again; an upper bound of +∞ becomes a `lower_bound` estimate, too small an `n` a `point`.
 */
export function bootstrapInterval(
  value: number,
  n: number,
  statistic: ResampledStatistic,
  settings: BootstrapSettings,
): Estimate {
  const { random, confidence, resamples } = settings;
  const needed = fewestForInterval(confidence);
  if (n < needed) return { status: 'point', reason: 'too_few', value, n, needed };
  const distribution = resample(n, resamples, statistic, random);
  const tail = widenedTail(n, confidence);
  const low = statistic.restore(sortedQuantile(distribution, tail));
  const high = statistic.restore(sortedQuantile(distribution, 1 - tail));
  if (high === Infinity) return { status: 'lower_bound', value, low, confidence, n };
  return { status: 'interval', value, low, high, confidence, n };
}

/**
 * Tail probability at which the resampled distribution is cut: Φ(−√(n/(n − 1))·t(1 − α/2, n − 1)) instead of
 * α/2. A resample spreads by the divisor n, not n − 1, and knows nothing of the uncertainty of the spread
 * itself; this puts both back (Hesterberg 2015, The American Statistician 69:371, expanded percentile
 * interval).
 */
export function widenedTail(n: number, confidence: number): number {
  return normalCdf(-Math.sqrt(n / (n - 1)) * studentQuantile((1 + confidence) / 2, n - 1));
}

/**
 * Fewest observations for an interval at `confidence`: the n from which the widened tail is no thinner than
 * n⁻ⁿ, the chance of the most extreme resample. Below it the bounds could not reach their level. At 95 %
 * it is five.
 */
export function fewestForInterval(confidence: number): number {
  let n = 2;
  while (widenedTail(n, confidence) < n ** -n) n++;
  return n;
}

function resample(n: number, resamples: number, statistic: ResampledStatistic, random: Random): Float64Array {
  const pick = new Uint32Array(n);
  const distribution = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let drawn = Number.NaN;
    while (Number.isNaN(drawn)) {
      // Scaling 32 bits to n favours some positions by at most n/2³², far below the noise of resampling.
      for (let i = 0; i < n; i++) pick[i] = Math.floor(random.next() * n);
      drawn = statistic.of(pick);
    }
    distribution[r] = drawn;
  }
  return distribution.sort();
}

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
