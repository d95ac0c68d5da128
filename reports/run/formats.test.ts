import { expect, test } from 'vitest';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { makeSummary } from '../page/testing/run-files.ts';
import { unbalanced } from '../testing/markup.ts';
import { toHistory, toRunJunit } from './formats.ts';

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

test('a run as JUnit has a case for each variant: wrong is a failure, infrastructure an error, the rest skipped', () => {
  const of = (given: Parameters<typeof trialResult>[1]) => trialResult(1, given).result;
  const results = [
    of({ variant: 'classic' }),
    of({ variant: 'code', correct: 0, reason: 'It said <7> & "more".' }),
    of({ variant: 'code-typed', status: 'infrastructure_error', correct: null, reason: 'The server ended.' }),
  ];
  const text = toRunJunit(makeSummary(results, [], { status: 'partial', planned: 5 }));
  expect(text).toContain('<testsuites tests="4" failures="1" errors="1" skipped="1">');
  expect(text).toContain('name="classic"/>');
  expect(text).toContain('<failure message="It said &lt;7&gt; &amp; &quot;more&quot;."/>');
  expect(text).toContain('<error message="The server ended."/>');
  expect(text).toContain('<skipped message="2 trials have not been run"/>');
  expect(unbalanced(text)).toEqual([]);
  expect(toRunJunit(makeSummary(results.slice(0, 1), []))).toContain(
    'tests="1" failures="0" errors="0" skipped="0"',
  );
});
