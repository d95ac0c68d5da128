import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import { comparisonsOf, type Truth } from './testing/draw.ts';

/** Shares of `runs` seeded comparisons with a false recommendation, and whose interval holds the true ratio. */
function rates(truth: Truth, runs: number): { falsely: number; covered: number } {
  const draw = comparisonsOf(truth, 20);
  const decisions = Array.from({ length: runs }, () => decide(draw()));
  const share = (holds: (decision: (typeof decisions)[number]) => boolean) =>
    decisions.filter(holds).length / runs;
  return {
    falsely: share(({ pattern }) => pattern === 'classic' || pattern === 'code'),
    covered: share(({ ratio }) => ratio !== null && ratio.low <= truth.ratio && truth.ratio <= ratio.high),
  };
}

// Larger simulations: scripts/verdict-tables.ts. With 200 runs a rate of 5 % has a standard error of 1.5 points.
describe('over simulated comparisons', () => {
  test.each([
    [1, 1],
    [3, 3],
    [1, 6],
    [6, 6],
  ] as const)(
    'with everything equal, %i classic and %i code variants seldom get a false verdict',
    (...variants) => {
      for (const [trials, share, noise] of [
        [5, 0.9, 0.5],
        [10, 0.95, 0.1],
        [20, 0.9, 0.3],
      ] as const) {
        const truth = { trials, noise, classic: share, code: share, ratio: 1, variants };
        expect(rates(truth, 200).falsely).toBeLessThanOrEqual(0.08);
      }
    },
  );

  test.each([
    [1, 1],
    [1, 6],
  ] as const)(
    'the interval holds the true ratio nine times in ten and more: %i against %i variants',
    (...variants) => {
      for (const noise of [0.1, 0.5]) {
        const truth = { trials: 10, noise, classic: 1, code: 1, ratio: 0.8, variants };
        expect(rates(truth, 500).covered).toBeGreaterThanOrEqual(0.92);
      }
    },
  );
});
