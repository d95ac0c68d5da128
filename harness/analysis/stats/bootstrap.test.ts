import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../../mock-servers/random.ts';
import type { Estimate } from '../../results/statistics.ts';
import { bootstrapMean, bootstrapRatio, normalTail, sortedQuantile, studentReach } from './bootstrap.ts';
import reference from './reference.json' with { type: 'json' };

const { variant, reference: control } = reference.ratio;
const costs = fc.array(fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 9999 })), {
  minLength: 6,
  maxLength: 25,
});

function bounds(estimate: Estimate): { low: number; high: number } {
  if (estimate.status !== 'interval') throw new Error(`expected an interval, got ${estimate.status}`);
  return estimate;
}

test("the ratio's interval agrees with SciPy on the same resamples", () => {
  const { low, high } = bounds(bootstrapRatio(variant, control, reference.ratio));
  expect(low).toBeCloseTo(reference.ratio.low, 11);
  expect(high).toBeCloseTo(reference.ratio.high, 11);
});

const differences = variant.map((value, index) => value - (control[index] as number));

test("the mean's interval agrees with SciPy on the same resamples", () => {
  const { low, high } = bounds(bootstrapMean(differences, reference.ratio));
  expect(low).toBeCloseTo(reference.difference.low, 8);
  expect(high).toBeCloseTo(reference.difference.high, 8);
});

test('the same seed gives the same bytes', () => {
  const bytes = () => JSON.stringify(bootstrapRatio(variant, control, { seed: 3 }));
  expect(bytes()).toBe(bytes());
});

test('another seed gives slightly other bounds', () => {
  const [a, b] = [3, 4].map((seed) => bounds(bootstrapRatio(variant, control, { seed })));
  expect(a?.low).not.toBe(b?.low);
  expect(Math.abs((a?.low ?? 0) / (b?.low ?? 1) - 1)).toBeLessThan(0.02);
});

test('exchanging the two sides gives the reciprocal interval', () => {
  fc.assert(
    fc.property(costs, fc.nat(), (pairs, seed) => {
      const [y, x] = [pairs.map((pair) => pair[0]), pairs.map((pair) => pair[1])];
      const there = bootstrapRatio(y, x, { seed, resamples: 200 });
      const back = bootstrapRatio(x, y, { seed, resamples: 200 });
      expect(back.status).toBe(there.status);
      if (there.status !== 'interval') return;
      expect(bounds(back).low * there.high).toBeCloseTo(1, 9);
      expect(bounds(back).high * there.low).toBeCloseTo(1, 9);
    }),
    { numRuns: 40 },
  );
});

test('another currency changes the numerator and nothing else', () => {
  const dollars = bounds(bootstrapRatio(variant, control, { seed: 5 }));
  const cents = bounds(
    bootstrapRatio(
      variant.map((x) => x * 100),
      control,
      { seed: 5 },
    ),
  );
  expect(cents.low / dollars.low).toBeCloseTo(100, 9);
  expect(cents.high / dollars.high).toBeCloseTo(100, 9);
});

test('for any data, no bound is NaN, low is not above high, and the ratio is not negative', () => {
  const withZeros = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 12 });
  fc.assert(
    fc.property(withZeros, fc.nat(), (pairs, seed) => {
      const estimate = bootstrapRatio(
        pairs.map((p) => p[0]),
        pairs.map((p) => p[1]),
        { seed, resamples: 60 },
      );
      if (estimate.value !== null) expect(estimate.value).toBeGreaterThanOrEqual(0);
      if (estimate.status === 'interval') expect(estimate.low).toBeLessThanOrEqual(estimate.high);
      if (estimate.status === 'lower_bound') expect(Number.isFinite(estimate.low)).toBe(true);
    }),
  );
});

test('one pair has a ratio and no interval, and says how many pairs would have one', () => {
  expect(bootstrapRatio([2], [4], { seed: 1 })).toEqual({
    status: 'point',
    reason: 'too_few',
    value: 0.5,
    n: 1,
    needed: 5,
  });
});

test('pairs that all have the same ratio show no variation', () => {
  const estimate = bootstrapRatio([0.3, 0.6, 0.9, 1.2, 2.1], [0.1, 0.2, 0.3, 0.4, 0.7], { seed: 1 });
  expect(estimate).toMatchObject({ status: 'point', reason: 'no_variation', n: 5 });
  expect(estimate.value).toBeCloseTo(3, 12);
});

test('values that are the same but for rounding show no variation', () => {
  const estimate = bootstrapMean([1.1 - 1, 2.1 - 2, 0.1], { seed: 1 });
  expect(estimate).toMatchObject({ status: 'point', reason: 'no_variation', n: 3 });
});

test('a denominator of zero throughout gives no ratio', () => {
  expect(bootstrapRatio([1, 2], [0, 0], { seed: 1 })).toEqual({
    status: 'none',
    reason: 'zero_denominator',
    value: null,
    n: 2,
  });
});

test('a numerator of zero throughout is a ratio of zero without variation', () => {
  expect(bootstrapRatio([0, 0, 0], [1, 2, 3], { seed: 1 })).toEqual({
    status: 'point',
    reason: 'no_variation',
    value: 0,
    n: 3,
  });
});

test('a denominator that is mostly zero leaves the ratio without a ceiling', () => {
  const estimate = bootstrapRatio([1, 2, 1, 3, 2, 1], [1, 0, 0, 0, 0, 0], { seed: 1 });
  expect(estimate).toMatchObject({ status: 'lower_bound', value: 10, n: 6 });
  expect(estimate).not.toHaveProperty('high');
});

test('resamples of nothing but nothing are drawn again', () => {
  const blanks = Array<number>(30).fill(0);
  const ratio = bootstrapRatio([...blanks, 1, 2], [...blanks, 2, 3], { seed: 1, resamples: 500 });
  expect(bounds(ratio).low).toBeCloseTo(1 / 2, 12);
  expect(bounds(ratio).high).toBeCloseTo(2 / 3, 12);
});

test('no pairs give no estimate', () => {
  expect(bootstrapRatio([], [], { seed: 1 }).status).toBe('none');
  expect(bootstrapMean([], { seed: 1 }).status).toBe('none');
});

test('the mean shifts with its values', () => {
  const here = bounds(bootstrapMean(differences, { seed: 8 }));
  const moved = differences.map((x) => x + 64);
  const shifted = bounds(bootstrapMean(moved, { seed: 8 }));
  expect(shifted.low - here.low).toBeCloseTo(64, 9);
  expect(shifted.high - here.high).toBeCloseTo(64, 9);
});

test('simulated 95 % intervals hold the true ratio in about 95 of 100 samples of eight pairs', () => {
  const { normal } = createRandom(99, 'coverage');
  const samples = 800;
  let held = 0;
  for (let seed = 0; seed < samples; seed++) {
    const shared = Array.from({ length: 8 }, () => 0.2 * normal());
    const y = shared.map((s) => 2 * Math.exp(s + 0.15 * normal()));
    const x = shared.map((s) => Math.exp(s + 0.15 * normal()));
    const { low, high } = bounds(bootstrapRatio(y, x, { seed, resamples: 800 }));
    if (low <= 2 && 2 <= high) held++;
  }
  // Without the widening the share is 0.87; four standard errors are 0.03.
  expect(held / samples).toBeGreaterThan(0.91);
  expect(held / samples).toBeLessThan(0.975);
});

test.each(reference.studentQuantile as [number, number, number][])(
  "Student's t at %d with %d degrees of freedom agrees with R",
  (_, df, t) => {
    expect(Math.abs(studentReach(df) / t - 1)).toBeLessThanOrEqual(1e-10);
  },
);

test.each(reference.normalTail as [number, number][])(
  'the normal tail beyond %d agrees with SciPy',
  (x, p) => {
    expect(Math.abs(normalTail(x) / p - 1)).toBeLessThanOrEqual(x <= 4 ? 1e-12 : 1e-8);
  },
);

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
