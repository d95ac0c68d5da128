import fc from 'fast-check';
import { expect, test } from 'vitest';
import reference from './reference.json' with { type: 'json' };
import { mean, quantile, sampleSd, sortedQuantile } from './summary.ts';

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const sample = fc.array(finite, { minLength: 1, maxLength: 40 });

test('the mean agrees with NumPy', () => {
  expect(mean(reference.summary.values)).toBeCloseTo(reference.summary.mean, 12);
});

test('the sample standard deviation agrees with NumPy at ddof 1', () => {
  expect(sampleSd(reference.summary.values)).toBeCloseTo(reference.summary.sampleSd, 12);
});

test('the standard deviation keeps its digits when the mean is large beside it', () => {
  expect(sampleSd([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toBeCloseTo(Math.sqrt(30), 9);
});

test.each(reference.summary.quantiles as [number, number][])(
  'the quantile at %d agrees with NumPy',
  (p, expected) => {
    expect(quantile(reference.summary.values, p)).toBeCloseTo(expected, 12);
  },
);

test('the quantile at one half of an even number of values is the mean of the middle two', () => {
  expect(quantile([9, 1, 4, 2], 0.5)).toBe(3);
});

test('a quantile leaves the list it was given in its order', () => {
  const values = [3, 1, 2];
  quantile(values, 0.5);
  expect(values).toEqual([3, 1, 2]);
});

test('a quantile lies between the smallest and the largest value and rises with its probability', () => {
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(sample, probability, probability, (values, a, b) => {
      const low = quantile(values, Math.min(a, b));
      const high = quantile(values, Math.max(a, b));
      expect(low).toBeGreaterThanOrEqual(Math.min(...values));
      expect(high).toBeLessThanOrEqual(Math.max(...values));
      expect(low).toBeLessThanOrEqual(high);
    }),
  );
});

test('between a finite and an infinite neighbour the nearer one is the quantile', () => {
  expect(sortedQuantile([1, Infinity], 0.4)).toBe(1);
  expect(sortedQuantile([1, Infinity], 0.6)).toBe(Infinity);
});

test('no value has no mean, and one value has no standard deviation', () => {
  expect(() => mean([])).toThrow(RangeError);
  expect(() => sampleSd([1])).toThrow(RangeError);
});
