import { fewestForInterval } from '../stats/resample.ts';
import type { Metric } from './baseline.ts';
import type { Change } from './change.ts';
import type { Check, CheckName } from './policy.ts';

/** Which check judges a figure, how it is called, and how its values are written. */
export const figureNames: Record<
  Metric,
  { check: CheckName; name: string; write: (value: number) => string }
> = {
  billedTokens: { check: 'billedTokens', name: 'billed tokens', write: whole },
  contextTokens: { check: 'contextTokens', name: 'context tokens', write: whole },
  roundTrips: { check: 'roundTrips', name: 'round trips', write: whole },
  toolCalls: { check: 'toolCalls', name: 'tool calls', write: whole },
  costCached: { check: 'cost', name: 'cost with caching', write: usd },
  costUncached: { check: 'costUncached', name: 'cost without caching', write: usd },
  correct: { check: 'correctness', name: 'correctness', write: percent },
};

/** Sums of decimal fractions differ in their last digits; a millionth of a millionth of a dollar is no change. */
const rounding = 1e-12;

/** Two-sided level at which live correctness counts as changed; the intervals of the other figures are at 95 %, too. */
const significance = 0.05;

/** Judges one change. An increase is a breach, for correctness a decrease; by how much it may move, the check says. */
export function judgeChange(
  change: Change,
  check: Check,
): { status: 'pass' | 'breach' | 'undecided'; text: string } {
  const { metric, before, after } = change;
  const { write } = figureNames[metric];
  if (before === null || after === null) {
    const text = `${before === null ? 'unknown' : write(before)} → ${after === null ? 'unknown' : write(after)}`;
    return { status: 'undecided', text };
  }
  const allowed = Math.max(check.absolute, check.relative * before);
  const worse = metric === 'correct' ? before - after : after - before;
  const percentage = before > 0 && metric !== 'correct' ? `, ${signed((after - before) / before)}` : '';
  const text = `${write(before)} → ${write(after)} (${after < before ? '−' : '+'}${write(Math.abs(after - before))}${percentage}; ${allowed > 0 ? `${write(allowed)} allowed` : 'none allowed'})`;
  if (worse - allowed <= rounding && change.evidence === 'exact') return { status: 'pass', text };
  if (change.evidence === 'exact') return { status: 'breach', text };
  if (change.evidence === 'sampled_share')
    return { ...judgeShare(change, worse > allowed), text: explainShare(change, text) };
  return judgeRatio(change, before > 0 ? 1 + allowed / before : 1, text);
}

function judgeShare({ test }: Change & { evidence: 'sampled_share' }, isWorse: boolean) {
  if (test.status === 'no_discordant_pairs')
    return { status: test.pairs > 0 ? 'pass' : 'undecided' } as const;
  if (!isWorse) return { status: 'pass' } as const;
  return { status: test.p < significance ? 'breach' : 'undecided' } as const;
}

function explainShare({ test, pairs }: Change & { evidence: 'sampled_share' }, text: string): string {
  const p = test.status === 'tested' ? `, McNemar p = ${test.p.toFixed(3)}` : '';
  return `${text} over ${pairs} pairs of trials${p}`;
}

/** A breach where the whole interval lies above the limit, a pass where it lies below, else nobody can say. */
function judgeRatio(
  { ratio }: Change & { evidence: 'sampled' },
  limit: number,
  text: string,
): { status: 'pass' | 'breach' | 'undecided'; text: string } {
  switch (ratio.status) {
    case 'interval': {
      const bounds = `${text} over ${ratio.n} pairs of trials, ratio ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)} at 95 %`;
      if (ratio.low > limit) return { status: 'breach', text: bounds };
      return { status: ratio.high <= limit ? 'pass' : 'undecided', text: bounds };
    }
    case 'lower_bound':
      return {
        status: ratio.low > limit ? 'breach' : 'undecided',
        text: `${text} over ${ratio.n} pairs of trials`,
      };
    case 'point': {
      const known = ratio.reason === 'no_variation' && ratio.n >= fewestForInterval(0.95);
      if (!known)
        return {
          status: 'undecided',
          text: `${text} over ${ratio.n} pairs of trials, too few for an interval`,
        };
      return {
        status: ratio.value > limit ? 'breach' : 'pass',
        text: `${text}, the same in all ${ratio.n} pairs of trials`,
      };
    }
    default:
      return { status: 'undecided', text: `${text}; no pairs of trials to compare` };
  }
}

function whole(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function usd(value: number): string {
  return `$${value < 0.1 ? value.toFixed(6) : value.toFixed(4)}`;
}

function percent(value: number): string {
  return `${Math.round(value * 1000) / 10} %`;
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${(Math.abs(share) * 100).toFixed(1)} %`;
}
