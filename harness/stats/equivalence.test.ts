import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Comparison, compareMeans, placeInterval } from './equivalence.ts';
import { normalQuantile } from './normal.ts';
import { randomStream } from './random.ts';

/** Pairs whose means have the true ratio `ratio`, with log-normal noise of `spread` on either side. */
function drawPairs(seed: number, n: number, ratio: number, spread: number) {
  const random = randomStream(seed);
  const noise = () => Math.exp(spread * normalQuantile((random() + 0.5) / 2 ** 32));
  return Array.from({ length: n }, () => ({ reference: 100 * noise(), variant: 100 * ratio * noise() }));
}

function shareOf(decision: Comparison['decision'], ratio: number, samples: number): number {
  let found = 0;
  for (let seed = 0; seed < samples; seed++) {
    const comparison = compareMeans(drawPairs(seed, 12, ratio, 0.06), { margin: 0.1, seed, resamples: 800 });
    if (comparison.decision === decision) found++;
  }
  return found / samples;
}

test('an interval is placed inside, below, above or across the margin', () => {
  expect(placeInterval(0.95, 1.05, 0.1)).toBe('equivalent');
  expect(placeInterval(0.5, 0.9, 0.1)).toBe('lower');
  expect(placeInterval(1.11, 3, 0.1)).toBe('higher');
  expect(placeInterval(0.95, 1.2, 0.1)).toBe('insufficient');
  expect(placeInterval(0.5, 2, 0.1)).toBe('insufficient');
});

test('a single computed ratio is always decided', () => {
  expect(placeInterval(1, 1, 0.1)).toBe('equivalent');
  expect(placeInterval(2, 2, 0.1)).toBe('higher');
  expect(placeInterval(0.5, 0.5, 0.1)).toBe('lower');
});

test('an interval and its reciprocal are placed alike, with directions exchanged', () => {
  const opposite = {
    lower: 'higher',
    higher: 'lower',
    equivalent: 'equivalent',
    insufficient: 'insufficient',
  };
  const bound = fc.double({ min: 0.1, max: 10, noNaN: true });
  fc.assert(
    fc.property(bound, bound, fc.double({ min: 0.01, max: 2, noNaN: true }), (a, b, margin) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(placeInterval(1 / high, 1 / low, margin)).toBe(opposite[placeInterval(low, high, margin)]);
    }),
  );
});

test('close means with little noise are equivalent', () => {
  const comparison = compareMeans(drawPairs(1, 30, 1.01, 0.05), { margin: 0.1, seed: 1 });
  expect(comparison).toMatchObject({
    decision: 'equivalent',
    ratio: { status: 'interval', confidence: 0.9 },
  });
});

test('half the cost is different, and lower', () => {
  const comparison = compareMeans(drawPairs(2, 10, 0.5, 0.1), { margin: 0.1, seed: 1 });
  expect(comparison).toMatchObject({ decision: 'different', direction: 'lower' });
});

test('exchanging the two variants turns lower into higher', () => {
  const exchanged = drawPairs(2, 10, 0.5, 0.1).map((pair) => ({
    reference: pair.variant,
    variant: pair.reference,
  }));
  expect(compareMeans(exchanged, { margin: 0.1, seed: 1 })).toMatchObject({
    decision: 'different',
    direction: 'higher',
  });
});

test('much noise on few pairs is insufficient and asks for more than there are', () => {
  const comparison = compareMeans(drawPairs(3, 8, 1, 0.5), { margin: 0.1, seed: 1 });
  expect(comparison).toMatchObject({ decision: 'insufficient', reason: 'crosses_margin' });
  expect(comparison.decision === 'insufficient' && comparison.pairsNeeded).toBeGreaterThan(50);
});

test('three pairs have no interval, so they decide nothing however far apart they are', () => {
  const comparison = compareMeans(drawPairs(4, 3, 0.1, 0.1), { margin: 0.1, seed: 1 });
  expect(comparison).toMatchObject({ decision: 'insufficient', reason: 'no_interval', pairsNeeded: 5 });
});

test('identical pairs decide nothing and give no idea of how many would', () => {
  const pairs = Array(20).fill({ reference: 2, variant: 1 });
  expect(compareMeans(pairs, { margin: 0.1, seed: 1 })).toMatchObject({
    decision: 'insufficient',
    reason: 'no_interval',
    pairsNeeded: null,
    ratio: { reason: 'no_variation', value: 0.5 },
  });
});

test('a reference of zero and an empty list decide nothing', () => {
  for (const pairs of [[{ reference: 0, variant: 1 }], []]) {
    expect(compareMeans(pairs, { margin: 0.1, seed: 1 })).toMatchObject({
      decision: 'insufficient',
      pairsNeeded: null,
    });
  }
});

test('a ratio without a ceiling is never equivalent', () => {
  const pairs = [1, 0, 0, 0, 0, 0, 0, 0].map((reference) => ({
    reference,
    variant: 1 / 8 + reference / 100,
  }));
  expect(compareMeans(pairs, { margin: 50, seed: 1 })).toMatchObject({
    decision: 'insufficient',
    ratio: { status: 'lower_bound' },
  });
});

test('a ratio without a ceiling is different when its floor is above the margin', () => {
  const pairs = [1, 0, 0, 0, 0, 0, 0, 0].map((reference) => ({ reference, variant: 9 + reference }));
  expect(compareMeans(pairs, { margin: 0.1, seed: 1 })).toMatchObject({
    decision: 'different',
    direction: 'higher',
    ratio: { status: 'lower_bound' },
  });
});

test('an undecided comparison with an interval always asks for more pairs than it had', () => {
  for (let seed = 0; seed < 150; seed++) {
    const pairs = drawPairs(seed, 6, 1.25, 0.15);
    const comparison = compareMeans(pairs, { margin: 0.1, seed, resamples: 300, power: 0.3 });
    if (comparison.decision === 'insufficient') expect(comparison.pairsNeeded).toBeGreaterThan(6);
  }
});

test('at the edge of the margin either wrong decision is made in about 5 of 100 samples', () => {
  expect(shareOf('equivalent', 1.1, 500)).toBeLessThan(0.09);
  expect(shareOf('different', 1.1, 500)).toBeLessThan(0.09);
  expect(shareOf('equivalent', 1.1, 500)).toBeGreaterThan(0.02);
});

test('a margin of nothing is refused, whatever the data', () => {
  expect(() => compareMeans([], { margin: 0, seed: 1 })).toThrow(RangeError);
  expect(() => placeInterval(1, 1, Number.NaN)).toThrow(RangeError);
});

test('well inside the margin most samples of twelve are equivalent and none is different', () => {
  expect(shareOf('equivalent', 1, 200)).toBeGreaterThan(0.8);
  expect(shareOf('different', 1, 200)).toBe(0);
});
