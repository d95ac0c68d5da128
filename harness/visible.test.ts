import { expect, test } from 'vitest';
import { capText, findHidden, showHidden, toLine, toLiteral } from './visible.ts';

test.each([
  ['a\u202eb', 'a\\u{202e}b'],
  ['a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
  ['\u001b[31mred', '\\u{1b}[31mred'],
  ['\u{e0041}\u{e0042}', '\\u{e0041}\\u{e0042}'],
  ['a\ufe01\ufe02', 'a\\u{fe01}\\u{fe02}'],
  ['\u3164', '\\u{3164}'],
  ['\ud800', '\\u{d800}'],
  ['a\u2028b\u2029c\rd', 'a\\u{2028}b\\u{2029}c\\u{d}d'],
])('%j is shown as %j', (text, shown) => {
  expect(showHidden(text)).toBe(shown);
  expect(findHidden(text)).toBe(shown.indexOf('\\u{'));
});

test.each(['plain', 'größer 東京 café', 'a\n\tb', '⚠️ ❤️', '👩‍💻 👨‍👩‍👧', '1️⃣'])('%j stays as it is', (text) => {
  expect(showHidden(text)).toBe(text);
  expect(findHidden(text)).toBe(-1);
});

test('carriage returns of line ends go', () => {
  expect(showHidden('a\r\nb')).toBe('a\nb');
  expect(findHidden('a\r\nb')).toBe(-1);
});

test('a cut says how much is missing and splits no character', () => {
  expect(capText('abcdef', 6)).toBe('abcdef');
  expect(capText('abcdefg', 6)).toBe('abcdef… [1 more characters cut]');
  expect(capText('ab💥def', 3)).toBe('ab… [5 more characters cut]');
});

test('a line has no breaks and ends in an ellipsis where it was cut', () => {
  expect(toLine(' a\n\n b ', 10)).toBe('a b');
  expect(toLine('abcdef', 4)).toBe('abc…');
});

test('a literal is what the compiler reads back, or nothing if JSON cannot hold it', () => {
  expect(toLiteral({ a: ['\u202e', null] })).toBe('{"a":["\\u{202e}",null]}');
  expect(toLiteral(undefined)).toBeUndefined();
  const circular: unknown[] = [];
  circular.push(circular);
  expect(toLiteral(circular)).toBeUndefined();
});
