import type { Result } from '../run/summary.ts';
import type { Measure } from './verdict-schema.ts';

/** A value of a measure, for people. */
export function amount(value: number, measure: Measure): string {
  switch (measure) {
    case 'cost':
      return `$${value < 0.1 ? value.toFixed(4) : value.toFixed(2)}`;
    case 'tokens':
      return `${Math.round(value).toLocaleString('en-US')} tokens`;
    case 'latency':
      return `${value.toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  }
}

export function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)} times`;
}

/** Why a variant was not right. */
export function failure(result: Result): string {
  if (result.trials > 1) {
    return `${result.variant} was right in ${share(result.correct)} of ${result.trials} trials`;
  }
  switch (result.status) {
    case 'context_overflow':
      return `${result.variant} did not fit the context window`;
    case 'completed':
      return `${result.variant} answered wrongly`;
    case 'limit_reached':
      return `${result.variant} ran into a limit`;
    default:
      return `${result.variant} did not finish`;
  }
}

/** That a variant was right, and in how many of several trials. */
export function right({ correct, trials }: Result): string {
  return correct === 1 ? 'was right' : `was right in ${share(correct)} of ${trials} trials`;
}

/** That two variants were right alike, and in how many of several trials. */
export function bothRight(classic: Result, code: Result): string {
  if ((classic.correct ?? 0) === 1 && (code.correct ?? 0) === 1) return 'both were right';
  return `both were right in ${share(classic.correct)} of their trials`;
}

function share(correct: number | null): string {
  return percent(correct ?? 0);
}

/** A share of one, for people. */
export function percent(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;
}

/** How a measure speaks of two values, after "costs" or the like. */
export const verbs: Record<Measure, { takes: string; less: string; noun: string }> = {
  cost: { takes: 'costs', less: 'costs less', noun: 'with caching' },
  tokens: { takes: 'is billed', less: 'is billed less', noun: 'billed' },
  latency: { takes: 'takes', less: 'takes less time', noun: 'of modelled model time' },
};
