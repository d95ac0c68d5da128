import { expect, test } from 'vitest';
import { isSame, serializeBaseline } from '../analysis/gate/serialize.ts';
import {
  makeBaseline,
  makeLiveVariant,
  makeScenario,
  makeVariant,
} from '../analysis/gate/testing/make-baseline.ts';
import { baselineSchema } from './baseline.ts';

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

test('isSame looks at content, not at the order of keys', () => {
  expect(isSame({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(isSame({ a: 1 }, { a: 2 })).toBe(false);
});
