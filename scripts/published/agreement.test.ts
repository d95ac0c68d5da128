import { expect, test } from 'vitest';
import { agree, explains, findBreakEven, median, rangeOf, rankCorrelation } from './agreement.ts';

test.each([
  ['both less', 0.5, 0.6, 'yes'],
  ['both more, one by little', 1.8, 1.05, 'yes'],
  ['opposite sides', 0.8, 1.2, 'no'],
  ['opposite sides, one of them within 10 % of equal', 0.8, 1.05, 'open'],
  ['opposite sides, both within 10 % of equal', 1.05, 0.95, 'open'],
] as const)('sign, %s: %d against %d is %s', (_, ours, theirs, sign) => {
  expect(agree({ value: ours }, { value: theirs }).sign).toBe(sign);
});

test('a range of ours agrees only as a whole, and disagrees only as a whole', () => {
  const theirs = { value: 0.62 };
  expect(agree({ value: 0.5, low: 0.3, high: 0.8 }, theirs).sign).toBe('yes');
  expect(agree({ value: 0.9, low: 0.3, high: 1.5 }, theirs)).toMatchObject({ sign: 'open', size: 'open' });
  expect(agree({ value: 2, low: 1.2, high: 3 }, theirs)).toMatchObject({ sign: 'no', size: 'no' });
});

test('a range of theirs that holds both signs can be met, but not confirmed', () => {
  const theirs = { value: 1.02, low: 0.85, high: 1.2 };
  expect(agree({ value: 1 }, theirs).sign).toBe('open');
  expect(agree({ value: 0.5 }, theirs).sign).toBe('open');
});

test('sizes are the same within a factor of 1.25 either way, or inside the range of theirs', () => {
  expect(agree({ value: 1.25 }, { value: 1 }).size).toBe('yes');
  expect(agree({ value: 0.8 }, { value: 1 }).size).toBe('yes');
  expect(agree({ value: 1.26 }, { value: 1 }).size).toBe('no');
  expect(agree({ value: 0.79 }, { value: 1 }).size).toBe('no');
  expect(agree({ value: 1.4 }, { value: 1, low: 0.9, high: 1.5 }).size).toBe('yes');
});

test('the factor is ours divided by theirs', () => {
  expect(agree({ value: 0.3 }, { value: 0.6 }).factor).toBeCloseTo(0.5);
});

test('requests explain a difference only in their own direction', () => {
  const ours = { classic: 2, code: 4 };
  expect(explains({ classic: 2, code: 8 }, ours, 1.7)).toBe(true);
  expect(explains({ classic: 2, code: 8 }, ours, 0.7)).toBe(false);
  expect(explains({ classic: 2, code: 3 }, ours, 0.4)).toBe(true);
  expect(explains({ classic: 4, code: 8 }, ours, 0.4)).toBe(false);
});

test('a median is the middle, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow(RangeError);
  expect(rangeOf([0.9, 0.2, 0.4])).toEqual({ value: 0.4, low: 0.2, high: 0.9 });
});

test('rank correlation gives what scipy 1.17.1 gives, ties included', () => {
  expect(rankCorrelation([1, 2, 3], [10, 20, 400])).toBeCloseTo(1);
  expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1);
  expect(rankCorrelation([1, 2, 2, 4, 5], [2, 1, 3, 5, 4])).toBeCloseTo(0.7181848464596079, 12);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNaN();
});

test('a break-even is the first size at which code takes no more', async () => {
  for (const truth of [1, 2, 26, 199, 200]) {
    expect(await findBreakEven(1, 200, async (calls) => (truth - calls) * 10)).toBe(truth);
  }
  expect(await findBreakEven(1, 200, async () => 1)).toBeUndefined();
});
