import { createRandom, type Random } from '../../mock-servers/random.ts';
import type { Estimate } from './estimate.ts';
import { normalCdf } from './normal.ts';
import { sortedQuantile } from './quantile.ts';
import { studentQuantile } from './student.ts';

/** Settings of a bootstrap: `seed` decides every draw, so the same seed and data give the same interval. */
export interface BootstrapOptions {
  readonly seed: number;
  /** Two-sided, from 0.5 to below 1; 0.95 unless told otherwise. */
  readonly confidence?: number;
  /** 10,000 unless told otherwise: Hesterberg 2015 asks for that many, lest the bounds depend on the seed. */
  readonly resamples?: number;
}

/** Checked options, with the stream that the seed stands for. */
export interface BootstrapSettings {
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
export interface ResampledStatistic {
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
