import { bound, number, percent, share, signed, usd } from '../../numbers.ts';
import {
  type BaselineVariant,
  type Figures,
  isSampled,
  type Metric,
  metrics,
} from '../../results/baseline.ts';
import { type Amount, intervalOfRatio, judgeAmount, judgeRight, type Outcome } from './evidence.ts';
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
    relative * before > absolute ? `${relative * 100} %` : absolute > 0 ? write(absolute) : 'none';
  return `${allowed} allowed`;
}
