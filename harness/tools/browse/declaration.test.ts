import { expect, test } from 'vitest';
import { typeOfValue } from './declaration.ts';

test.each([
  ['text', 'string'],
  [[], 'unknown[]'],
  [[1, 'a', 2], '(number | string)[]'],
  [
    {
      rows: [
        { id: 'a', at: null },
        { id: 'b', at: 'x', more: true },
      ],
      next: null,
    },
    '{ rows: { id: string; at: null | string; more?: boolean }[]; next: null }',
  ],
])('the type of %j', (value, type) => {
  expect(typeOfValue(value)).toBe(type);
});
