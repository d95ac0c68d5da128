import type { Measure } from '../harness/verdict/verdict-schema.ts';

/** A value of a measure. */
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

/** A factor, with as many digits as tell it from 1. */
export function times(ratio: number): string {
  const digits = ratio < 1.2 ? 2 : ratio < 9.95 ? 1 : 0;
  return `${ratio.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} times`;
}

/** How a measure speaks of two values. */
export const verbs: Record<Measure, { takes: string; less: string; much: string; alone: string }> = {
  cost: { takes: 'costs', less: 'costs less', much: 'as much', alone: 'cost' },
  tokens: { takes: 'is billed', less: 'is billed less', much: 'as many tokens', alone: 'tokens' },
  latency: { takes: 'takes', less: 'takes less time', much: 'as long', alone: 'modelled model time' },
};
