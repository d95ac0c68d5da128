import { expect, test } from 'vitest';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { makeSummary } from '../page/testing/run-files.ts';
import { unbalanced } from '../testing/markup.ts';
import { toRunJunit } from './junit.ts';

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
