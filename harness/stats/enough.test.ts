import { expect, test } from 'vitest';
import { enough } from './enough.ts';

const pairs = [0.98, 1.01, 1, 1.03, 0.99, 1.02, 0.97, 1].map((variant) => ({ reference: 1, variant }));

test('three of three correct are not enough for ± 10 points, and more than seventy trials would be', () => {
  expect(enough({ of: 'share', correct: 3, trials: 3, halfWidth: 0.1 })).toEqual({
    status: 'insufficient',
    have: 3,
    needed: 75,
  });
});

test('no trial at all asks for as many as a share of one half would take', () => {
  expect(enough({ of: 'share', correct: 0, trials: 0, halfWidth: 0.1 })).toMatchObject({ needed: 93 });
});

test('a hundred trials are enough for ± 10 points', () => {
  expect(enough({ of: 'share', correct: 50, trials: 100, halfWidth: 0.1 })).toEqual({
    status: 'enough',
    have: 100,
  });
});

test('when trials do not suffice, more than there are are asked for', () => {
  for (let trials = 1; trials <= 60; trials++) {
    for (let correct = 0; correct <= trials; correct++) {
      const answer = enough({ of: 'share', correct, trials, halfWidth: 0.12 });
      if (answer.status === 'insufficient') expect(answer.needed).toBeGreaterThan(trials);
    }
  }
});

test('steady pairs are enough for a margin of 10 %', () => {
  expect(enough({ of: 'ratio', pairs, margin: 0.1, seed: 1 })).toEqual({ status: 'enough', have: 8 });
});

test('the same pairs are not enough for a margin of 1 %', () => {
  const answer = enough({ of: 'ratio', pairs, margin: 0.01, seed: 1 });
  expect(answer).toMatchObject({ status: 'insufficient', have: 8 });
  expect(answer.status === 'insufficient' && answer.needed).toBeGreaterThan(8);
});
