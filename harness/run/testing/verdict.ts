import type { Verdict } from '../../results/summary.ts';
import type { SideFigures } from '../../results/verdict.ts';

/** One side of a verdict of a test: right in its only trial. */
export function sideOf(name: string, more: Partial<SideFigures> = {}): SideFigures {
  return { name, value: 1, right: 1, trials: 1, share: 1, chosenFrom: 1, perRight: 1, ...more };
}

/** A verdict of a test, whose figures say nothing in particular. */
export function verdictOf(pattern: Verdict['pattern'], more: Partial<Verdict> = {}): Verdict {
  return {
    scenario: 'scene',
    params: {},
    pattern,
    reason: `So it is ${pattern}.`,
    by: 'cost',
    basis: 'computed',
    policy: { margin: 0.1, floor: 0.8, gap: 0.05 },
    because: { kind: 'equivalent' },
    sides: { classic: sideOf('classic'), code: sideOf('code') },
    ratio: { value: 1, low: 1, high: 1 },
    caveats: [],
    trialsNeeded: null,
    ...more,
  };
}
