import { expect, test } from 'vitest';
import {
  bound,
  bytes,
  compact,
  dollars,
  number,
  ratio,
  seconds,
  share,
  signed,
  times,
  usd,
} from './numbers.ts';

test('a dollar amount has three digits below a dollar, cents to a hundred, and never reads as nothing', () => {
  expect([12_777.4, 188.291, 99.994, 1, 0.99961, 0.3163, 0.0044, 0.0000012, 0, -0.27].map(usd)).toEqual([
    '$12,777',
    '$188',
    '$99.99',
    '$1.00',
    '$1.00',
    '$0.316',
    '$0.00440',
    '$0.00000120',
    '$0',
    '−$0.270',
  ]);
  expect([5, 0.003, 2.5].map(dollars)).toEqual(['$5', '$0.00300', '$2.50']);
});

test('factors, ratios and their bounds have as many digits as tell something', () => {
  expect([1.09, 2.74, 9.97, 6953.2].map(times)).toEqual(['1.09', '2.7', '10', '6,953']);
  expect([1.04123, 12.68, 4.2, 6620].map(bound)).toEqual(['1.04', '12.7', '4.20', '6,620']);
  expect([2.9, 0.561, 0.000143].map(ratio)).toEqual(['2.90', '0.56', '0.00014']);
});

test('counts, shares, times and changes are written alike everywhere', () => {
  expect([number(906_406_019), number(2.25), compact(12_500), compact(0.01)]).toEqual([
    '906,406,019',
    '2.3',
    '12.5K',
    '0.01',
  ]);
  expect([0.91, 0.0912, 0.997, 0.9996, 1, 0.0002].map(share)).toEqual([
    ...['91 %', '9.1 %', '99.7 %', '> 99.9 %', '100 %', '< 0.1 %'],
  ]);
  expect([90, 3_440, 20_800, 269_800, 15_771_000, -300_000].map(seconds)).toEqual([
    '90 ms',
    '3.4 s',
    '21 s',
    '4 min 30 s',
    '4.4 h',
    '−5 min',
  ]);
  expect([518, 4_770, 999_700, 2_560_000].map(bytes)).toEqual(['518 B', '4.8 kB', '1.0 MB', '2.6 MB']);
  expect([signed(-0.00001, usd), signed(3, number)]).toEqual(['−$0.0000100', '+3']);
});
