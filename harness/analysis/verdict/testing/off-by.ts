import { ninety } from '../../../meter/token-counter.ts';
import type { Measure } from '../../../results/codes.ts';
import type { Result } from '../../../results/summary.ts';

/**
 * By how much, either way at 90 %, each of two values is off whose ratio is known to 5 % at 95 %: with the reach r of a value
 * at 95 %, r = 1 + u·1.960/1.645, and two reaches that add up as squares of logarithms, √2·ln r = ln 1.05.
 */
export const fivePercentOfRatio = (1.05 ** Math.SQRT1_2 - 1) / 1.1915;

/**
 * The result with counts that leave its value by a measure off by this share, either way at 90 %: of two categories one is
 * exact, and the errors of the other are those of the whole. By tokens, its largest request is off as much.
 */
export function offBy(share: number, of: Result, by: Measure = 'tokens'): Result {
  const isPriced = by === 'cost' && of.ledger.every(({ costUsd }) => costUsd);
  const sum = (rows: Result['ledger'], weigh: (row: Result['ledger'][number]) => number) =>
    rows.reduce((total, row) => total + weigh(row), 0);
  const cost = (row: Result['ledger'][number]) => (isPriced ? (row.costUsd?.cached ?? 0) : row.tokens);
  const [first] = of.ledger;
  const own = of.ledger.filter(({ category }) => category === first?.category);
  const tokens = sum(own, (row) => row.tokens);
  const rest = sum(of.ledger, (row) => row.tokens) - tokens;
  const half = (share * tokens * sum(of.ledger, cost)) / sum(own, cost);
  return {
    ...of,
    counts: [
      {
        category: first?.category ?? 'answer',
        tokens,
        estimated: tokens,
        counted: 0,
        low: tokens - half,
        high: tokens + half,
        drift: { prose: half / ninety },
        variance: 0,
      },
      {
        ...{ category: 'frame', tokens: rest, estimated: 0, counted: 0, low: rest, high: rest },
        ...{ drift: {}, variance: 0 },
      },
    ],
  };
}
