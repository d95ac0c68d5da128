import { expect, test } from 'vitest';
import { canonicalJson } from './json.ts';

test('key order does not matter, at any depth', () => {
  expect(canonicalJson({ b: [{ y: 1, x: null }], a: 'ü' })).toBe('{"a":"ü","b":[{"x":null,"y":1}]}');
  expect(canonicalJson({ a: { c: 1, b: 2 } })).toBe(canonicalJson({ a: { b: 2, c: 1 } }));
});

test('the order of a list does matter', () => {
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test('undefined members are left out as in JSON', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test('what JSON cannot carry is refused, not turned into null', () => {
  expect(() => canonicalJson({ a: Number.NaN })).toThrow(/NaN is not a JSON number/);
  expect(() => canonicalJson([() => 1])).toThrow(/type function/);
});
