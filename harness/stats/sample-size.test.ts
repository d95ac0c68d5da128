import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareMeans } from './equivalence.ts';
import { normalQuantile } from './normal.ts';
import { randomStream } from './random.ts';
import reference from './reference.json' with { type: 'json' };
import { pairsForRatio, trialsForShare } from './sample-size.ts';
import { wilsonHalfWidth } from './share.ts';

test('the trials for a share are the fewest whose Wilson interval is narrow enough', () => {
  const z = normalQuantile(0.975);
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.double({ min: 0.005, max: 0.45, noNaN: true }), (p, halfWidth) => {
      const trials = trialsForShare(p, halfWidth);
      expect(wilsonHalfWidth(p, trials, z)).toBeLessThanOrEqual(halfWidth * (1 + 1e-9));
      if (trials > 1) expect(wilsonHalfWidth(p, trials - 1, z)).toBeGreaterThan(halfWidth * (1 - 1e-9));
    }),
  );
});

test.each(reference.trialsForShare as [number, number, number][])(
  'a share of %d to ± %d takes as many trials as a search with statsmodels finds',
  (share, halfWidth, trials) => {
    expect(trialsForShare(share, halfWidth)).toBe(trials);
  },
);

test('equal means with a spread of 0.2 and a margin of 10 % take 38 pairs at 80 % power', () => {
  // ((1.6449 + 1.2816)·0.2 / ln 1.1)² = 37.7
  expect(pairsForRatio({ ratio: 1, spread: 0.2, margin: 0.1 })).toBe(38);
});

test('a ratio of 1.3 against a margin of 10 % takes 9 pairs at 80 % power', () => {
  // ((1.6449 + 0.8416)·0.2 / (ln 1.3 − ln 1.1))² = 8.9
  expect(pairsForRatio({ ratio: 1.3, spread: 0.2, margin: 0.1 })).toBe(9);
});

test('the pairs asked for reach the decision about as often as the power says', () => {
  const random = randomStream(12);
  const noise = () => Math.exp((0.2 / Math.SQRT2) * normalQuantile((random() + 0.5) / 2 ** 32));
  const samples = 300;
  let decided = 0;
  for (let seed = 0; seed < samples; seed++) {
    const pairs = Array.from({ length: 38 }, () => ({ reference: noise(), variant: noise() }));
    if (compareMeans(pairs, { margin: 0.1, seed, resamples: 500 }).decision === 'equivalent') decided++;
  }
  expect(decided / samples).toBeGreaterThan(0.7);
  expect(decided / samples).toBeLessThan(0.9);
});

test('a ratio and its reciprocal take the same number of pairs', () => {
  const plan = { spread: 0.4, margin: 0.15 };
  expect(pairsForRatio({ ...plan, ratio: 0.8 })).toBe(pairsForRatio({ ...plan, ratio: 1.25 }));
});

test('more spread, or more power, takes more pairs', () => {
  const plan = { ratio: 1.02, spread: 0.3, margin: 0.1 };
  const pairs = pairsForRatio(plan) as number;
  expect(pairsForRatio({ ...plan, spread: 0.6 })).toBeGreaterThan(pairs * 3.9);
  expect(pairsForRatio({ ...plan, power: 0.95 })).toBeGreaterThan(pairs);
});

test('no number of pairs decides about a ratio at the margin itself', () => {
  expect(pairsForRatio({ ratio: 2, spread: 0.3, margin: 1 })).toBeNull();
});

test('a half-width of nothing and a ratio of zero are refused', () => {
  expect(() => trialsForShare(0.5, 0)).toThrow(RangeError);
  expect(() => pairsForRatio({ ratio: 0, spread: 1, margin: 0.1 })).toThrow(RangeError);
});
