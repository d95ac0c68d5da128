import { seconds, usd, whole } from '../../harness/numbers.ts';
import type { Measure } from '../../harness/results/codes.ts';
import type { VerdictPattern } from '../../harness/results/verdict.ts';

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

/** The mark of each pattern on a terminal, so that no colour is needed. */
export const marks: Record<VerdictPattern, string> = {
  classic: '○',
  code: '◆',
  either: '=',
  neither: '✗',
  insufficient: '?',
};

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
