import { expect, test } from 'vitest';
import { costPerCorrect } from './bootstrap.ts';
import reference from './reference.json' with { type: 'json' };

const pinned = reference.costPerCorrect;
const trials = pinned.costs.map((costUsd, i) => ({ costUsd, correct: pinned.correct[i] === 1 }));

test("the interval agrees with SciPy's bootstrap of the ratio of sums on the same resamples", () => {
  const estimate = costPerCorrect(trials, pinned);
  if (estimate.status !== 'interval') throw new Error(`expected an interval, got ${estimate.status}`);
  expect(estimate.value).toBeCloseTo(0.36 / 8, 12);
  expect(estimate.low).toBeCloseTo(pinned.low, 11);
  expect(estimate.high).toBeCloseTo(pinned.high, 11);
});

test('with no correct trial the cost is null, and nothing else can be read', () => {
  const wrong = trials.map((trial) => ({ ...trial, correct: false }));
  expect(costPerCorrect(wrong, { seed: 1 })).toEqual({
    status: 'none',
    reason: 'zero_denominator',
    value: null,
    n: 10,
  });
});

test('with one correct trial of ten the cost has a floor and no ceiling', () => {
  const lucky = trials.map((trial, i) => ({ ...trial, correct: i === 3 }));
  const estimate = costPerCorrect(lucky, { seed: 1 });
  expect(estimate).toMatchObject({ status: 'lower_bound', n: 10 });
  expect(estimate.value).toBeCloseTo(0.36, 12);
});

test('a wrong trial adds its cost to what the correct ones cost', () => {
  const estimate = costPerCorrect(
    [
      { costUsd: 2, correct: true },
      { costUsd: 1, correct: false },
    ],
    { seed: 1 },
  );
  expect(estimate.value).toBe(3);
});

test('free trials cost nothing per correct one', () => {
  const free = trials.map((trial) => ({ ...trial, costUsd: 0 }));
  expect(costPerCorrect(free, { seed: 1 })).toMatchObject({
    status: 'point',
    reason: 'no_variation',
    value: 0,
  });
});

test('trials of one price that were all correct cost that price each', () => {
  const estimate = costPerCorrect(Array(6).fill({ costUsd: 0.1, correct: true }), { seed: 1 });
  expect(estimate).toMatchObject({ status: 'point', reason: 'no_variation' });
  expect(estimate.value).toBeCloseTo(0.1, 14);
});
