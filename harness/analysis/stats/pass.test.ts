import fc from 'fast-check';
import { expect, test } from 'vitest';
import { passAtK, passHatK } from './pass.ts';
import reference from './reference.json' with { type: 'json' };

const counts = fc
  .integer({ min: 1, max: 300 })
  .chain((trials) =>
    fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials), fc.integer({ min: 1, max: trials })),
  );

test.each(reference.passAtK as [number, number, number, number][])(
  'pass@k of %d of %d at k = %d agrees with exact fractions',
  (correct, trials, k, expected) => {
    expect(Math.abs((passAtK(correct, trials, k) as number) / expected - 1)).toBeLessThan(1e-12);
  },
);

test.each(reference.passHatK as [number, number, number, number][])(
  'pass^k of %d of %d at k = %d agrees with exact fractions',
  (correct, trials, k, expected) => {
    expect(Math.abs((passHatK(correct, trials, k) as number) / expected - 1)).toBeLessThan(1e-12);
  },
);

test('at k = 1 both are the share of correct trials', () => {
  fc.assert(
    fc.property(counts, ([correct, trials]) => {
      expect(passAtK(correct, trials, 1)).toBeCloseTo(correct / trials, 13);
      expect(passHatK(correct, trials, 1)).toBeCloseTo(correct / trials, 13);
    }),
  );
});

test('that one of k is correct and that all k are wrong are complements', () => {
  fc.assert(
    fc.property(counts, ([correct, trials, k]) => {
      expect(
        (passAtK(correct, trials, k) as number) + (passHatK(trials - correct, trials, k) as number),
      ).toBeCloseTo(1, 12);
    }),
  );
});

test('a larger k makes one success likelier and unbroken success less likely', () => {
  fc.assert(
    fc.property(counts, ([correct, trials, k]) => {
      fc.pre(k < trials);
      const rounding = 1e-12;
      expect(
        (passAtK(correct, trials, k + 1) as number) - (passAtK(correct, trials, k) as number),
      ).toBeGreaterThanOrEqual(-rounding);
      expect(
        (passHatK(correct, trials, k + 1) as number) - (passHatK(correct, trials, k) as number),
      ).toBeLessThanOrEqual(rounding);
    }),
  );
});

test('a million trials give neither NaN nor a share outside 0 to 1', () => {
  const values = [passAtK(500_000, 1_000_000, 400_000), passHatK(999_000, 1_000_000, 900_000)];
  for (const value of values) expect(value !== null && value >= 0 && value <= 1).toBe(true);
});

test('more attempts than trials have no estimate', () => {
  expect(passAtK(3, 3, 4)).toBeNull();
  expect(passHatK(3, 3, 4)).toBeNull();
});

test('none correct never passes and all correct always does, exactly', () => {
  expect([passAtK(0, 9, 4), passHatK(0, 9, 4)]).toEqual([0, 0]);
  expect([passAtK(9, 9, 4), passHatK(9, 9, 4)]).toEqual([1, 1]);
});

test('impossible counts are refused', () => {
  expect(() => passAtK(5, 4, 1)).toThrow(RangeError);
  expect(() => passHatK(1, 4, 0)).toThrow(RangeError);
});
