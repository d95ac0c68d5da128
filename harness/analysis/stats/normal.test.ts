import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalCdf, normalQuantile } from './normal.ts';
import reference from './reference.json' with { type: 'json' };

test.each(reference.normalQuantile as [number, number][])(
  'the normal quantile at %d agrees with SciPy',
  (p, z) => {
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(z)));
  },
);

test.each(reference.normalCdf as [number, number][])(
  'the normal distribution function at %d agrees with SciPy',
  (x, p) => {
    expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThanOrEqual(Math.abs(x) <= 4 ? 1e-12 : 1e-8);
  },
);

test('the distribution function undoes the quantile', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }), (p) => {
      expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 13);
    }),
  );
});

test('the quantile rises with its probability, across the seams of its approximation too', () => {
  const seams = [Math.exp(-25), 0.075, 0.925];
  for (const seam of seams)
    expect(normalQuantile(seam * (1 - 1e-9))).toBeLessThan(normalQuantile(seam * (1 + 1e-9)));
});

test('probabilities 0 and 1 have infinite quantiles, and others outside throw', () => {
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
  expect(() => normalQuantile(1.01)).toThrow(RangeError);
  expect(() => normalQuantile(Number.NaN)).toThrow(RangeError);
});
