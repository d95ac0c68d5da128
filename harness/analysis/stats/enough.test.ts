import { expect, test } from 'vitest';
import { enough } from './enough.ts';

test('three of three correct are not enough for ± 10 points, and more than seventy trials would be', () => {
  expect(enough({ correct: 3, trials: 3, halfWidth: 0.1 })).toEqual({
    status: 'insufficient',
    have: 3,
    needed: 75,
  });
});

test('no trial at all asks for as many as a share of one half would take', () => {
  expect(enough({ correct: 0, trials: 0, halfWidth: 0.1 })).toMatchObject({ needed: 93 });
});

test('a hundred trials are enough for ± 10 points', () => {
  expect(enough({ correct: 50, trials: 100, halfWidth: 0.1 })).toEqual({
    status: 'enough',
    have: 100,
  });
});

test('when trials do not suffice, more than there are are asked for', () => {
  for (let trials = 1; trials <= 60; trials++) {
    for (let correct = 0; correct <= trials; correct++) {
      const answer = enough({ correct, trials, halfWidth: 0.12 });
      if (answer.status === 'insufficient') expect(answer.needed).toBeGreaterThan(trials);
    }
  }
});
