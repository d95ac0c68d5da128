import { expect, test } from 'vitest';
import { firstDifference } from './cassette-library.ts';

test('equal values have no difference, with keys in any order', () => {
  expect(firstDifference({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBeNull();
});

test('the first difference is named by its path, with both values', () => {
  const difference = firstDifference({ a: { b: [1, { c: 'x' }] } }, { a: { b: [1, { c: 2 }] } });
  expect(difference).toEqual({ path: 'a.b[1].c', recorded: '"x"', asked: '2' });
});

test('what only one side has is a difference', () => {
  expect(firstDifference({ a: 1 }, { a: 1, b: 2 })).toEqual({ path: 'b', recorded: 'nothing', asked: '2' });
  expect(firstDifference([1], [1, 2])).toMatchObject({ path: '[1]', recorded: 'nothing' });
});

test('long texts are shown where they differ', () => {
  const text = 'row '.repeat(1_000);
  const difference = firstDifference({ t: `${text}ABC ${text}` }, { t: `${text}AXC ${text}` });
  expect(difference?.recorded).toContain('ABC');
  expect(difference?.asked).toContain('AXC');
  expect(difference?.asked.length).toBeLessThan(120);
});
