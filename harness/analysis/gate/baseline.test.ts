import { expect, test } from 'vitest';
import { baselineSchema } from '../../results/baseline.ts';
import type { Summary } from '../../results/summary.ts';
import { findIncomplete, serializeBaseline } from './baseline.ts';
import { makeBaseline, makeLiveVariant, makeScenario, makeVariant } from './testing/make-baseline.ts';

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

const definition = { classic: 129, code: 442, description: '903749', input: '2ab2e5', output: '46dbaf' };
const baseline = makeBaseline(
  [
    makeScenario('lookup', [
      makeVariant('classic', { ledger: { tool_results: 100 } }),
      makeLiveVariant('code', [0.01, 0.02, 0.03], 2),
    ]),
  ],
  {
    surfaces: {
      'a surface': {
        instructions: {},
        tools: { 'crm.get_contact': definition, 'crm.search_contacts': definition },
      },
    },
  },
);

test('a baseline is read back as it was written', () => {
  expect(baselineSchema.parse(JSON.parse(serializeBaseline(baseline)))).toEqual(baseline);
});

test('its bytes do not depend on the order of keys', () => {
  const { scenarios, format, ...rest } = baseline;
  const other = {
    ...Object.fromEntries(Object.entries(rest).reverse()),
    scenarios,
    format,
  } as typeof baseline;
  expect(Object.keys(other)).not.toEqual(Object.keys(baseline));
  expect(serializeBaseline(other)).toBe(serializeBaseline(baseline));
});

test('a tool takes one line, and no line is too long to review', () => {
  const lines = serializeBaseline(baseline).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(162);
  expect(lines.filter((line) => line.includes('crm.get_contact'))).toEqual([
    '        "crm.get_contact": { "classic": 129, "code": 442, "description": "903749", "input": "2ab2e5", "output": "46dbaf" },',
  ]);
});

test('texts of errors, which may hold data, and advice on trials are not written', () => {
  const failing = makeVariant(
    'code',
    {},
    { results: { 'crm.get': { calls: 2, errors: 2, bytes: 40, error: 'no such customer: Ada' } } },
  );
  const text = serializeBaseline(makeBaseline([makeScenario('lookup', [failing], { trialsNeeded: 39 })]));
  expect(text).toContain('"crm.get": { "bytes": 40, "calls": 2, "errors": 2 }');
  expect(text).not.toContain('Ada');
  expect(text).not.toContain('39');
});
