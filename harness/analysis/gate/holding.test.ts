import { expect, test } from 'vitest';
import type { BaselineVariant } from '../../results/baseline.ts';
import { examineHolding } from './baseline.ts';
import { makeBaseline, makeLiveVariant, makeScenario, makeVariant } from './testing/make-baseline.ts';

const examine = (variant: BaselineVariant) =>
  examineHolding(makeBaseline([makeScenario('lookup', [variant])]));

test.each([
  [[0.01], 1, 3],
  [[0.01, 0.01], 2, 3],
  [[0.01, 0.01, 0.01], 2, 6],
  [[0.01], 0, 3],
])('live trials of cost %j with %i right are too few: it takes %i', (cost, right, needed) => {
  expect(examine(makeLiveVariant('code', cost, right)).refused).toEqual([
    `lookup / code: ${right} of ${cost.length} right. To stop a fall to none, it takes ${needed} trials.`,
  ]);
});

test('three right of three can be held, and so can none right of three, which cannot fall', () => {
  expect(examine(makeLiveVariant('code', [0.01, 0.01, 0.01])).refused).toEqual([]);
  expect(examine(makeLiveVariant('code', [0.01, 0.01, 0.01], 0)).refused).toEqual([]);
});

test('an amount that varies too much to see it double is named with the trials that it takes', () => {
  const noisy = makeLiveVariant('code', [0.01, 0.02, 0.005, 0.03]);
  const { refused, weak } = examine(noisy);
  expect(refused).toEqual([]);
  expect(weak).toEqual([
    'lookup / code: 4 trials vary too much to be sure to see these double: billed tokens (21 trials), cost with caching (21 trials).',
  ]);
});

test('one computed trial is enough, and so is one replayed', () => {
  for (const evidence of ['scripted', 'replayed'] as const) {
    expect(examine(makeVariant('code', {}, { evidence }))).toEqual({ refused: [], weak: [] });
  }
});
