import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalQuantile } from './normal.ts';
import reference from './reference.json' with { type: 'json' };
import { studentQuantile } from './resample.ts';

test.each(reference.studentQuantile as [number, number, number][])(
  "Student's t at %d with %d degrees of freedom agrees with R",
  (p, df, t) => {
    expect(Math.abs(studentQuantile(p, df) - t)).toBeLessThanOrEqual(1e-10 * Math.abs(t));
  },
);

test('the t quantile is symmetric about one half and farther out than the normal one', () => {
  const upper = fc.double({ min: 0.51, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(upper, fc.integer({ min: 1, max: 300 }), (p, df) => {
      expect(studentQuantile(1 - p, df)).toBeCloseTo(-studentQuantile(p, df), 6);
      expect(studentQuantile(p, df)).toBeGreaterThan(normalQuantile(p));
    }),
  );
});

test('the t quantile falls towards the normal one as degrees of freedom are added', () => {
  for (let df = 1; df < 300; df++) {
    expect(studentQuantile(0.975, df + 1)).toBeLessThan(studentQuantile(0.975, df));
  }
});

test('a quantile at certainty or with part of a degree of freedom is refused', () => {
  expect(() => studentQuantile(1, 5)).toThrow(RangeError);
  expect(() => studentQuantile(0.9, 2.5)).toThrow(RangeError);
});
