import { expect, test } from 'vitest';
import { trialResult } from '../run/testing/trial-result.ts';
import { tellPatternsWithoutAnswer } from './reading.ts';

const ended = (change: Parameters<typeof trialResult>[1]) => trialResult(1, change).result;
const classic = ended({ correct: 1 });
const code = { variant: 'code', pattern: 'code' } as const;

test('a pattern none of whose trials is right is named, with what became of them', () => {
  expect(tellPatternsWithoutAnswer({ results: [classic, ended({ ...code, correct: 0 })] })).toBe(
    'No trial gave a right answer in: code (1 without one).',
  );
});

test('where every pattern failed, that comes first', () => {
  const results = [ended({ correct: 0 }), ended({ ...code, correct: null, status: 'infrastructure_error' })];
  expect(tellPatternsWithoutAnswer({ results })).toBe(
    'Every pattern failed. No trial gave a right answer in: classic (1 without one); code (1 not measured).',
  );
});

test('one right trial of each pattern is enough, and controls do not count', () => {
  const control = ended({ variant: 'control-no-tools', correct: 0, pattern: 'code' });
  expect(tellPatternsWithoutAnswer({ results: [classic, ended({ ...code, correct: 1 }), control] })).toBe(
    undefined,
  );
  expect(tellPatternsWithoutAnswer({ results: [classic, control] })).toBe(undefined);
});
