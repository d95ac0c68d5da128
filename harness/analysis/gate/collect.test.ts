import { expect, test } from 'vitest';
import type { Summary } from '../../results/summary.ts';
import { findIncomplete } from './collect.ts';

/** A summary with one result; what `findIncomplete` does not read is left out. */
function summaryOf(status: Summary['status'], result: Partial<Summary['results'][number]>): Summary {
  const whole = {
    scenario: 'lookup',
    variant: 'code',
    reason: 'it crashed',
    trials: 3,
    status: 'completed',
    correct: 1,
  };
  return { status, results: [{ ...whole, ...result }] } as unknown as Summary;
}

test.each([
  ['everything was measured', summaryOf('complete', {}), []],
  [
    'it was cut off',
    summaryOf('partial', {}),
    ['It is partial: a planned trial, or a search for what flips a verdict, has not ended.'],
  ],
  [
    'infrastructure ended all trials',
    summaryOf('complete', { status: 'infrastructure_error', correct: null }),
    ['lookup / code was not measured: it crashed'],
  ],
  [
    'infrastructure ended some trials',
    summaryOf('complete', { outcomes: { completed: 2, infrastructure_error: 1 } }),
    ['lookup / code: infrastructure ended 1 of 3 trials.'],
  ],
])('a run is incomplete or not where %s', (_, summary, reasons) => {
  expect(findIncomplete({ summary })).toEqual(reasons);
});
