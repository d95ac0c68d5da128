import { leadOf, type Measure, type VerdictPattern } from '../../harness/results/verdict.ts';
import { seconds, usd, whole } from './numbers.ts';

/** A value of a measure. */
export function amount(value: number, measure: Measure): string {
  switch (measure) {
    case 'cost':
      return usd(value);
    case 'tokens':
      return `${whole(value)} tokens`;
    case 'latency':
      return seconds(value * 1000);
  }
}

/** How a measure speaks of two values. */
export const verbs: Record<
  Measure,
  { takes: string; same: string; less: string; much: string; alone: string }
> = {
  cost: { takes: 'costs', same: 'cost', less: 'costs less', much: 'as much', alone: 'cost' },
  tokens: {
    takes: 'is billed',
    same: 'are billed',
    less: 'is billed less',
    much: 'as many tokens',
    alone: 'tokens',
  },
  latency: {
    takes: 'takes',
    same: 'take',
    less: 'takes less time',
    much: 'as long',
    alone: 'modelled model time',
  },
};

/** A stretch of values with one verdict, from the first that is known to have it to the last. */
export type Stretch = { first: number; last: number; pattern: VerdictPattern };

/** How the two patterns stand to each other where a verdict holds, without an end. */
export function standing(pattern: VerdictPattern, by: Measure): string {
  switch (pattern) {
    case 'classic':
    case 'code':
      return `${pattern} ${verbs[by].less}`;
    case 'either':
      return `both ${verbs[by].same} the same`;
    case 'neither':
      return 'neither is right';
    case 'insufficient':
      return 'too close to call';
  }
}

/**
 * Neighbouring values with the same verdict as one stretch, in the order of the values. Where both take the same and where it
 * is too close to call are one stretch, too close to call where any of it is.
 */
export function toStretches(tried: readonly { at: number; pattern: VerdictPattern }[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { at, pattern } of tried) {
    const last = stretches.at(-1);
    if (last && leadOf(last.pattern) === leadOf(pattern)) {
      last.last = at;
      if (pattern === 'insufficient') last.pattern = pattern;
    } else {
      stretches.push({ first: at, last: at, pattern });
    }
  }
  return stretches;
}
