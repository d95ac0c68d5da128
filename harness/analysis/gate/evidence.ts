/**
 * The gate's tests on sampled evidence: has a figure got worse since the baseline by more than is allowed? One-sided,
 * and unpaired: repeat 3 of today is no pair of repeat 3 of last month.
 */
import { posterior, probabilityWorse, studentQuantile } from '../stats/belief.ts';

type Count = { right: number; trials: number };
/** A sampled amount: its mean, and `noise`, the standard deviation over the mean. At least two trials. */
export type Amount = { mean: number; noise: number; trials: number };

/** `again`: too likely to ignore, not shown. A fresh sample decides. */
export type Outcome = 'pass' | 'again' | 'breach';
/** The first sample may raise a doubt; the fresh one decides it. */
export type Stage = 'first' | 'fresh';

/** Probability of a fall beyond the gap that stops at once, that is repeated, and that the fresh sample must reach. */
const sure = 0.99;
const suspect = 0.95;
const confirmed = 0.98;

/** Level that all checks of amounts share for stopping at once (Bonferroni), and that of one check and its repetition. */
const gateLevel = 0.025;
const level = 0.01;

/** How likely is it that the true share right fell by more than `gap`? Posteriors are Jeffreys' and independent. */
export function judgeRight(before: Count, after: Count, gap: number, stage: Stage = 'first'): Outcome {
  const belief = ({ right, trials }: Count) => posterior(right, trials);
  const probability = probabilityWorse(belief(after), belief(before), gap);
  if (stage === 'fresh') return probability >= confirmed ? 'breach' : 'pass';
  return probability >= sure ? 'breach' : probability >= suspect ? 'again' : 'pass';
}

/**
 * Has a mean risen by more than `allowed` (0.005: 0.5 %)? Welch's test on the logarithm of the ratio. `checks` is how
 * many such checks the gate makes. The fresh sample meets the same baseline, so its bar is not lower.
 */
export function judgeAmount(
  before: Amount,
  after: Amount,
  { allowed, checks, stage = 'first' }: { allowed: number; checks: number; stage?: Stage },
): Outcome {
  if (after.mean <= before.mean * (1 + allowed)) return 'pass';
  // No ratio to nothing: that it is no longer nothing must only come back.
  if (before.mean === 0) return stage === 'first' ? 'again' : 'breach';
  const rise = Math.log(after.mean / before.mean) - Math.log1p(allowed);
  const { error, df } = spreadOfLogRatio(before, after);
  const isShown = (at: number) => rise > studentQuantile(1 - at, df) * error;
  if (stage === 'fresh') return isShown(level) ? 'breach' : 'pass';
  return isShown(Math.min(level, gateLevel / checks)) ? 'breach' : isShown(level) ? 'again' : 'pass';
}

/** The 95 % interval of after ÷ before. */
export function intervalOfRatio(before: Amount, after: Amount): { low: number; high: number } {
  const { error, df } = spreadOfLogRatio(before, after);
  const reach = Math.exp(studentQuantile(0.975, df) * error);
  const ratio = after.mean / before.mean;
  return { low: ratio / reach, high: ratio * reach };
}

/** Standard error of the logarithm of a ratio of means (delta method), with Welch's degrees of freedom. */
function spreadOfLogRatio(before: Amount, after: Amount): { error: number; df: number } {
  const [a, b] = [before, after].map(({ noise, trials }) => noise ** 2 / trials) as [number, number];
  const [dfA, dfB] = [before.trials - 1, after.trials - 1];
  const df = a + b > 0 ? (a + b) ** 2 / (a ** 2 / dfA + b ** 2 / dfB) : Math.min(dfA, dfB);
  return { error: Math.sqrt(a + b), df };
}

/** Trials in which a baseline with this share right could show a fall to no right answer; null where none up to 1,000 could. */
export function trialsToShowFall({ right, trials }: Count, gap: number): number | null {
  const share = right / trials;
  // A share within the gap of 0 cannot fall by more.
  for (let n = 1; share > gap && n <= 1000; n++) {
    if (judgeRight({ right: share * n, trials: n }, { right: 0, trials: n }, gap) === 'breach') return n;
  }
  return null;
}

/** Standard errors that a rise must keep from the limit to be shown in four gates of five (Φ⁻¹(0.8)). */
const powerOf80 = 0.84;

/** Trials with which an amount's rise by `factor` is shown in four gates of five, at the level of one check; null beyond 10,000. */
export function trialsToShowRise(noise: number, factor: number, allowed: number): number | null {
  const rise = Math.log(factor) - Math.log1p(allowed);
  for (let n = 2; rise > 0 && n <= 10_000; n = Math.ceil(n * 1.05)) {
    const error = noise * Math.sqrt(2 / n);
    if (rise >= (studentQuantile(1 - level, 2 * n - 2) + powerOf80) * error) return n;
  }
  return null;
}
