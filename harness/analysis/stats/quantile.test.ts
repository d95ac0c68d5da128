import fc from 'fast-check';
import { expect, test } from 'vitest';
import reference from './reference.json' with { type: 'json' };
import { sortedQuantile } from './resample.ts';

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const sample = fc
  .array(finite, { minLength: 1, maxLength: 40 })
  .map((values) => Float64Array.from(values).sort());

test.each(reference.quantile.quantiles as [number, number][])(
  'the quantile at %d agrees with NumPy',
  (p, expected) => {
    const ascending = Float64Array.from(reference.quantile.values).sort();
    expect(sortedQuantile(ascending, p)).toBeCloseTo(expected, 12);
  },
);

test('the quantile at one half of an even number of values is the mean of the middle two', () => {
  expect(sortedQuantile([1, 2, 4, 9], 0.5)).toBe(3);
});

test('a quantile lies between the smallest and the largest value and rises with its probability', () => {
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(sample, probability, probability, (ascending, a, b) => {
      const low = sortedQuantile(ascending, Math.min(a, b));
      const high = sortedQuantile(ascending, Math.max(a, b));
      expect(low).toBeGreaterThanOrEqual(Math.min(...ascending));
      expect(high).toBeLessThanOrEqual(Math.max(...ascending));
      expect(low).toBeLessThanOrEqual(high);
    }),
  );
});

test('between a finite and an infinite neighbour the nearer one is the quantile', () => {
  expect(sortedQuantile([1, Infinity], 0.4)).toBe(1);
  expect(sortedQuantile([1, Infinity], 0.6)).toBe(Infinity);
});

test('no values have no quantile', () => {
  expect(() => sortedQuantile([], 0.5)).toThrow(RangeError);
});
