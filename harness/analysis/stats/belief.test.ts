import { expect, test } from 'vitest';
import { posterior, probabilityBelow, probabilityWorse, studentQuantile } from './belief.ts';

// Reference values: scipy 1.17.1, stats.t.ppf, stats.beta.cdf, and integrate.quad over the product of two Beta densities.

test.each([
  [0.95, 1, 6.313751514675],
  [0.975, 1, 12.706204736175],
  [0.95, 2, 2.919985580354],
  [0.975, 2, 4.302652729749],
  [0.975, 4, 2.776445105198],
  [0.995, 4, 4.60409487135],
  [0.975, 9, 2.262157162798],
  [0.975, 12.5, 2.169185942713],
  [0.995, 12.5, 3.032436652871],
  [0.975, 19, 2.093024054408],
  [0.995, 100, 2.625890521438],
])("Student's t at %d with %d degrees of freedom agrees to four digits", (p, df, t) => {
  expect(Math.abs(studentQuantile(p, df) / t - 1)).toBeLessThan(1e-4);
});

test.each([
  [0, 5, 0.1, 0.707481544604],
  [5, 5, 0.8, 0.125466896411],
  [6, 10, 0.8, 0.93441165565],
  [18, 20, 0.8, 0.12704766715],
  [47, 50, 0.9, 0.173871520468],
])('%d right of %d: the probability of a share below %d agrees to four digits', (right, trials, limit, p) => {
  expect(Math.abs(probabilityBelow(posterior(right, trials), limit) - p)).toBeLessThan(1e-4);
});

test.each([0.05, 0.25, 0.5, 0.9])('with no trial, a share below %d has the arcsine probability', (limit) => {
  const exact = (2 / Math.PI) * Math.asin(Math.sqrt(limit));
  expect(probabilityBelow(posterior(0, 0), limit)).toBeCloseTo(exact, 9);
});

test.each([
  [6, 10, 10, 10, 0.05, 0.982216253954],
  [10, 10, 10, 10, 0.05, 0.194440601679],
  [18, 20, 19, 20, 0.05, 0.470909575375],
  [3, 5, 5, 5, 0, 0.946136564454],
])('%d of %d against %d of %d, gap %d: the probability of being worse agrees', (a, n, b, m, gap, p) => {
  expect(Math.abs(probabilityWorse(posterior(a, n), posterior(b, m), gap) - p)).toBeLessThan(1e-4);
});
