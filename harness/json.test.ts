import { expect, test } from 'vitest';
import { canonicalJson, ownMember } from './json.ts';

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

test('a name finds what a record has itself, and nothing that all objects have', () => {
  expect(ownMember({ constructor: 'own' }, 'constructor')).toBe('own');
  expect(ownMember(JSON.parse('{"__proto__":1}'), '__proto__')).toBe(1);
  for (const name of ['constructor', 'toString', '__proto__', 'b']) {
    expect(ownMember({ a: 1 }, name)).toBeUndefined();
  }
  expect(ownMember(undefined, 'a')).toBeUndefined();
});
