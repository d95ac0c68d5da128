import { expect, test } from 'vitest';
import {
  bound,
  bytes,
  compact,
  duration,
  number,
  ratio,
  seconds,
  share,
  signed,
  times,
  usd,
} from './numbers.ts';

test('a dollar amount has cents from a dollar on, four decimals below, and never reads as nothing', () => {
  expect([12_777.4, 188.291, 1, 0.3163, 0.0044, 0.00042, 0.0000012, 0, -0.27].map(usd)).toEqual([
    '$12,777.40',
    '$188.29',
    '$1.00',
    '$0.3163',
    '$0.0044',
    '$0.00042',
    '$0.0000012',
    '$0',
    '−$0.2700',
  ]);
});

test('factors, ratios and their bounds have as many digits as tell something', () => {
  expect([1.09, 2.74, 9.97, 6953.2].map(times)).toEqual(['1.09', '2.7', '10', '6,953']);
  expect([1.04123, 12.68, 6620].map(bound)).toEqual(['1.04', '12.7', '6,620']);
  expect([2.9, 0.561, 0.000143].map(ratio)).toEqual(['2.90', '0.56', '0.00014']);
});

test('counts, shares, times and changes are written alike everywhere', () => {
  expect([number(906_406_019), number(2.25), compact(12_500), compact(0.01)]).toEqual([
    '906,406,019',
    '2.3',
    '12.5K',
    '0.01',
  ]);
  expect([0.91, 0.0912, 0.997, 0.0002].map(share)).toEqual(['91 %', '9.1 %', '99.7 %', '< 0.1 %']);
  expect([20_800, 90, 12_777_400].map(seconds)).toEqual(['20.8 s', '0.09 s', '12,777.4 s']);
  expect([signed(-0.00001, usd), signed(3, number)]).toEqual(['−$0.000010', '+3']);
});

test('times and sizes take the unit in which a reader takes them in', () => {
  expect([0.04, 9.9, 9.96, 119.4, 119.6, 3661, 15_771].map(duration)).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '119 s',
    '2 min 0 s',
    '61 min 1 s',
    '4.4 h',
  ]);
  expect([518, 4207, 12_400, 999_600].map(bytes)).toEqual(['518 B', '4.2 kB', '12 kB', '1.0 MB']);
});
