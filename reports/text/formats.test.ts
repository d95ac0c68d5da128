import { expect, test } from 'vitest';
import { toCsvText } from './formats.ts';

const cellOf = (value: unknown) => toCsvText([{ cell: value }]).slice('cell\n'.length, -1);

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', "=cmd|'/C calc'!A0"])(
  'the text %j does not begin a cell as it is: an apostrophe stands before it',
  (text) => {
    expect(cellOf(text).replace(/^"/, '')).toMatch(/^'/);
  },
);

test.each(['see;=1+1;', 'see\n=1+1', 'see\t@A1', 'see\r\n-1'])(
  'in %j no formula begins where a spreadsheet takes semicolons, tabs or line ends for separators',
  (text) => {
    const cells = cellOf(text).split(/[;\t\r\n]/);
    expect(cells.filter((cell) => /^"?[=+\-@]/.test(cell))).toEqual([]);
  },
);

test('numbers stay numbers, and text without formulas stays as it is', () => {
  expect([-0.5, 12, 1e-7].map(cellOf)).toEqual(['-0.5', '12', '1e-7']);
  expect(['a-b', 'x = 1', '{"contacts":-5}', 'unpriced'].map(cellOf)).toEqual([
    ...['a-b', 'x = 1', '"{""contacts"":-5}"', 'unpriced'],
  ]);
});
