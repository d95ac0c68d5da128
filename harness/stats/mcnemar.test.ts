import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mcnemar, mcnemarP } from './mcnemar.ts';
import reference from './reference.json' with { type: 'json' };

const count = fc.nat(400);

test.each(reference.mcnemar as [number, number, number, number][])(
  'the exact p for %d against %d agrees with statsmodels, and mid-p with SciPy',
  (b, c, exact, midP) => {
    expect(mcnemarP(b, c, 'exact') / exact).toBeCloseTo(1, 10);
    expect(mcnemarP(b, c, 'mid_p') / midP).toBeCloseTo(1, 10);
  },
);

test('mid-p gives the published 0.039 for one against seven', () => {
  expect(mcnemarP(1, 7, 'mid_p')).toBeCloseTo(0.039, 3);
});

test('p is above 0 and at most 1, the same from either side, and mid-p is the smaller', () => {
  fc.assert(
    fc.property(count, count, (b, c) => {
      fc.pre(b + c > 0);
      const p = mcnemarP(b, c, 'exact');
      expect(p > 0 && p <= 1).toBe(true);
      expect(mcnemarP(c, b, 'exact')).toBe(p);
      expect(mcnemarP(b, c, 'mid_p')).toBeLessThan(p);
    }),
  );
});

test('a more uneven split of the same pairs lowers p', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), (m, pick) => {
      const fewer = 1 + (pick % Math.floor(m / 2));
      for (const method of ['exact', 'mid_p'] as const) {
        expect(mcnemarP(fewer - 1, m - fewer + 1, method)).toBeLessThan(mcnemarP(fewer, m - fewer, method));
      }
    }),
  );
});

test('a hundred thousand pairs neither vanish nor overflow', () => {
  expect(mcnemarP(50_000, 50_000, 'exact')).toBe(1);
  expect(mcnemarP(49_000, 51_000, 'exact')).toBeGreaterThan(0);
});

test('pairs that agree do not count towards the test', () => {
  const split = [...Array(5).fill({ reference: false, variant: true }), { reference: true, variant: false }];
  const agreeing = Array(50).fill({ reference: true, variant: true });
  const result = mcnemar([...split, ...agreeing]);
  expect(result).toMatchObject({ status: 'tested', onlyReference: 1, onlyVariant: 5, pairs: 56 });
  expect(result.status === 'tested' && result.p).toBeCloseTo(14 / 64, 12);
});

test('agreement everywhere gives no p-value', () => {
  const result = mcnemar([{ reference: true, variant: true }]);
  expect(result).toEqual({ status: 'no_discordant_pairs', onlyReference: 0, onlyVariant: 0, pairs: 1 });
});

test('no discordant pair, or part of one, is refused', () => {
  expect(() => mcnemarP(0, 0, 'exact')).toThrow(RangeError);
  expect(() => mcnemarP(1.5, 2, 'exact')).toThrow(RangeError);
});
