import { expect, test } from 'vitest';
import { baselineSchema, isSame, serializeBaseline } from './baseline.ts';
import { makeBaseline, makeLiveVariant, makeScenario, makeVariant } from './testing/make-baseline.ts';

const baseline = makeBaseline([
  makeScenario('lookup', [
    makeVariant('classic', { ledger: { tool_results: { context: 100, billed: 300 } } }),
    makeLiveVariant('code', [1, 2, 3], [1, 0, 1]),
  ]),
]);

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

test('its lines are short enough to read a difference', () => {
  const lines = serializeBaseline(baseline).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110);
  expect(lines).toContain('            "ledger": { "tool_results": { "billed": 300, "context": 100 } },');
});

test('isSame looks at content, not at the order of keys', () => {
  expect(isSame({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(isSame({ a: 1 }, { a: 2 })).toBe(false);
});
