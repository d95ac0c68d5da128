import { expect, test } from 'vitest';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { makeSummary } from '../page/testing/run-files.ts';
import { toHistory } from './history.ts';

const interval = { status: 'interval', value: 0.5, low: 0.25, high: 0.75, confidence: 0.95, n: 4 } as const;
type Given = Parameters<typeof trialResult>[1];
const historyOf = (...given: Given[]) =>
  JSON.parse(
    toHistory(
      makeSummary(
        given.map((each) => trialResult(1, each).result),
        [],
      ),
    ),
  );

test('a history has cost and tokens of each right variant, named alike from run to run', () => {
  const history = historyOf(
    { costUsd: { cached: 0.02, uncached: 0.03 } },
    { variant: 'code', pattern: 'code', costUsd: null, unpriced: true },
    { variant: 'classic-search', correct: 0 },
  );
  const { tokens, scenario } = trialResult(1, {}).result;
  expect(history).toEqual([
    { name: `${scenario} classic: cost`, unit: 'USD', value: 0.02 },
    { name: `${scenario} classic: billed`, unit: 'tokens', value: tokens.billed },
    { name: `${scenario} code: billed`, unit: 'tokens', value: tokens.billed },
  ]);
});

test('sizes of one workflow are told apart, and varying trials have a range', () => {
  const statistics: NonNullable<Given>['statistics'] = {
    n: 4,
    correct: interval,
    enough: { halfWidth: 0.1, status: 'insufficient', needed: 69 },
    pass: { k: 3, atLeastOne: 0.9, all: 0.1 },
    billedTokens: interval,
    costUsd: interval,
  };
  const history = historyOf({ params: { contacts: 1 }, statistics }, { params: { contacts: 2 } });
  expect(history.map(({ name }: { name: string }) => name)).toEqual([
    expect.stringMatching(/ contacts=1 classic: cost$/),
    expect.stringMatching(/ contacts=1 classic: billed$/),
    expect.stringMatching(/ contacts=2 classic: cost$/),
    expect.stringMatching(/ contacts=2 classic: billed$/),
  ]);
  expect(history[0].range).toBe('± 0.25');
  expect(history[2]).not.toHaveProperty('range');
});
