import { bound, number, percent, share, signed, usd } from '../../numbers.ts';
import {
  type BaselineVariant,
  type Figures,
  isSampled,
  type Metric,
  metrics,
} from '../../results/baseline.ts';
import { posterior, probabilityWorse, spreadOfDifference, studentQuantile } from '../stats/belief.ts';
import type { Check, CheckName } from './gate-policy.ts';

/**
 * How one figure changed. `computed` evidence says what it says. A `sampled` figure is the mean of trials; `noise` is their
 * standard deviation over the mean, null where too few were measured, and for correctness, whose count says it all.
 */
export type Change = { metric: Metric; before: number | null; after: number | null } & (
  | { evidence: 'computed' }
  | {
      evidence: 'sampled';
      trials: { before: number; after: number };
      noise: { before: number | null; after: number | null };
    }
);

/** All changes between two results; figures that are null on both sides are left out. */
export function findChanges(before: BaselineVariant, after: BaselineVariant): Change[] {
  const changes = computedChanges(before.figures, after.figures);
  if (!isSampled(before)) return changes;
  const trials = { before: before.trials, after: after.trials };
  return changes.map(({ metric, ...values }): Change => {
    const noiseOf = ({ noise }: BaselineVariant) => (metric === 'correct' ? null : (noise?.[metric] ?? null));
    const noise = { before: noiseOf(before), after: noiseOf(after) };
    return { metric, before: values.before, after: values.after, evidence: 'sampled', trials, noise };
  });
}

/** The same between two sets of figures that are exact, or taken as such. */
export function computedChanges(before: Figures, after: Figures): Change[] {
  return metrics
    .map((metric): Change => ({ metric, before: before[metric], after: after[metric], evidence: 'computed' }))
    .filter((change) => change.before !== null || change.after !== null);
}

/** Which check judges a figure, how it is called, and how its values are written. */
export const figureNames: Record<
  Metric,
  { check: CheckName; name: string; write: (value: number) => string }
> = {
  billedTokens: { check: 'billedTokens', name: 'billed tokens', write: number },
  contextTokens: { check: 'contextTokens', name: 'context tokens', write: number },
  roundTrips: { check: 'roundTrips', name: 'round trips', write: number },
  toolCalls: { check: 'toolCalls', name: 'tool calls', write: number },
  costCached: { check: 'cost', name: 'cost with caching', write: usd },
  costUncached: { check: 'costUncached', name: 'cost without caching', write: usd },
  correct: { check: 'correctness', name: 'correctness', write: percent },
};

/** `trials`: the size of the fresh sample that would decide; null where none is needed, or would not help. */
type Judged = { status: 'pass' | 'breach' | 'undecided'; trials: number | null };

/** Sums of decimal fractions differ in their last digits; a millionth of a millionth of a dollar is no change. */
const rounding = 1e-12;

/** Fewest trials of a sample that has a spread. */
const fewest = 2;

/**
 * Judges one change: a rise, for correctness a fall. `checks` is how many sampled amounts the gate judges. `fresh` is the
 * same change in a second sample, which decides what the first leaves in doubt.
 */
export function judgeChange(
  change: Change,
  check: Check,
  { checks, fresh }: { checks: number; fresh?: Change | undefined },
): Judged {
  if (change.before === null || change.after === null) return { status: 'undecided', trials: null };
  if (change.evidence === 'computed') {
    const { metric, before, after } = change;
    const worse = metric === 'correct' ? before - after : after - before - allowedRise(before, check);
    return { status: worse <= rounding ? 'pass' : 'breach', trials: null };
  }
  const first = judgeSample(change, check, checks, 'first');
  if (first === null) return { status: 'undecided', trials: fewest };
  if (first !== 'again') return { status: first, trials: null };
  const second = fresh?.evidence === 'sampled' ? judgeSample(fresh, check, checks, 'fresh') : null;
  if (second !== null && second !== 'again') return { status: second, trials: null };
  return { status: 'undecided', trials: change.trials.after };
}

/** Null where there are too few trials to judge. */
function judgeSample(
  change: Change & { evidence: 'sampled' },
  check: Check,
  checks: number,
  stage: 'first' | 'fresh',
): Outcome | null {
  const { metric, before, after, trials } = change;
  if (before === null || after === null) return null;
  if (metric === 'correct') {
    const [old, now] = [toCount(before, trials.before), toCount(after, trials.after)];
    return judgeRight(old, now, check.gap, stage);
  }
  const [old, now] = toAmounts(change);
  if (!old || !now) return null;
  const allowed = before > 0 ? allowedRise(before, check) / before : 0;
  return judgeAmount(old, now, { allowed, checks, stage });
}

function toCount(share: number, trials: number) {
  return { right: Math.round(share * trials), trials };
}

function toAmounts({ before, after, trials, noise }: Change & { evidence: 'sampled' }): (Amount | null)[] {
  const toAmount = (mean: number | null, spread: number | null, of: number) =>
    mean === null || spread === null ? null : { mean, noise: spread, trials: of };
  return [toAmount(before, noise.before, trials.before), toAmount(after, noise.after, trials.after)];
}

function allowedRise(before: number, { absolute, relative }: Check): number {
  return Math.max(absolute, relative * before);
}

/** A change in words: both values, the difference, over how many trials, and what was allowed. */
export function describeChange(change: Change, check: Check): string {
  const allowed = describeAllowed(change, check);
  const difference = describeDifference(change);
  const inBrackets = [difference, allowed].filter(Boolean).join('; ');
  return `${describeValues(change)}${inBrackets ? ` (${inBrackets})` : ''}`;
}

/** "10,000 → 12,000"; live correctness as counts, "5/5 → 0/5". */
export function describeValues(change: Change): string {
  const { metric, before, after } = change;
  if (change.evidence === 'sampled' && metric === 'correct' && before !== null && after !== null) {
    const write = (share: number, of: number) => `${toCount(share, of).right}/${of}`;
    return `${write(before, change.trials.before)} → ${write(after, change.trials.after)}`;
  }
  const write = (value: number | null) => (value === null ? 'unknown' : figureNames[metric].write(value));
  return `${write(before)} → ${write(after)}`;
}

/** "+2,000, +20.0 %", with the interval of the ratio where it is one of samples; empty where nothing changed. */
export function describeDifference(change: Change): string {
  const { metric, before, after } = change;
  if (before === null || after === null || before === after) return '';
  const difference = `${after < before ? '−' : '+'}${figureNames[metric].write(Math.abs(after - before))}`;
  if (metric === 'correct') return difference;
  const relative = before > 0 ? `, ${signed((after - before) / before, share)}` : '';
  return `${difference}${relative}${describeInterval(change)}`;
}

function describeInterval(change: Change): string {
  if (change.evidence === 'computed') return '';
  const [old, now] = toAmounts(change);
  const { before, after } = change.trials;
  const trials = `${before} and ${after} trials`;
  if (!old || !now || old.mean === 0 || now.mean === 0) return `, ${trials}`;
  const { low, high } = intervalOfRatio(old, now);
  return `, × ${bound(low)} to ${bound(high)} at 95 %, ${trials}`;
}

function describeAllowed({ metric, before, evidence }: Change, check: Check): string {
  if (before === null) return '';
  const { write } = figureNames[metric];
  const [absolute, relative] =
    metric !== 'correct' ? [check.absolute, check.relative] : [evidence === 'sampled' ? check.gap : 0, 0];
  const allowed =
    relative * before > absolute
      ? `${Number((relative * 100).toPrecision(3))} %`
      : absolute > 0
        ? write(absolute)
        : 'none';
  return `${allowed} allowed`;
}

// Tests on sampled evidence: has a figure got worse since the baseline by more than is allowed? One-sided, and unpaired:
// repeat 3 of today is no pair of repeat 3 of last month.

type Count = { right: number; trials: number };
/** A sampled amount: its mean, and `noise`, the standard deviation over the mean. At least two trials. */
export type Amount = { mean: number; noise: number; trials: number };

/** `again`: too likely to ignore, not shown. A fresh sample decides. */
type Outcome = 'pass' | 'again' | 'breach';
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
  const toSample = ({ noise, trials }: Amount) => ({ variance: noise ** 2, n: trials });
  return spreadOfDifference(toSample(before), toSample(after));
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

/** What is said of a variant that did not fit its window: the whole job as if there were none. */
export const hypotheticalName = (variant: string) => `${variant} (hypothetical, without a window)`;
