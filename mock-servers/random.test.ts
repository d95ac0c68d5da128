import { expect, test } from 'vitest';
import reference from '../harness/analysis/stats/reference.json' with { type: 'json' };
import { createRandom, fnv1a, weighted } from './random.ts';

function draws(seed: number, label: string): number[] {
  const random = createRandom(seed, label);
  return Array.from({ length: 8 }, () => random.next());
}

test('equal seeds and labels give equal streams, others do not', () => {
  expect(draws(1, 'a')).toEqual(draws(1, 'a'));
  expect(draws(1, 'a')).not.toEqual(draws(2, 'a'));
  expect(draws(1, 'a')).not.toEqual(draws(1, 'b'));
});

// harness/stats/reference.py has the same generator, written once more in Python.
test.each(reference.seededStream)('seed $seed gives the stream recorded from Python', ({ seed, outputs }) => {
  const random = createRandom(seed, 'bootstrap');
  expect(outputs.map(() => random.next() * 2 ** 32)).toEqual(outputs);
});

test('neighbouring seeds give streams that agree in about half of their bits', () => {
  const [a, b] = [createRandom(41, 'a'), createRandom(42, 'a')];
  let equalBits = 0;
  for (let i = 0; i < 1000; i++) {
    const same = ~((a.next() * 2 ** 32) ^ (b.next() * 2 ** 32)) >>> 0;
    equalBits += same.toString(2).replaceAll('0', '').length;
  }
  expect(equalBits / 32_000).toBeGreaterThan(0.48);
  expect(equalBits / 32_000).toBeLessThan(0.52);
});

test('a seed that is not a whole number from 0 is refused', () => {
  expect(() => createRandom(-1, 'a')).toThrow(RangeError);
  expect(() => createRandom(0.5, 'a')).toThrow(RangeError);
});

test('draws are uniform in [0, 1): mean and variance of 100,000 are near 1/2 and 1/12', () => {
  const random = createRandom(7, 'uniform');
  const values = Array.from({ length: 100_000 }, () => random.next());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(mean).toBeCloseTo(1 / 2, 2);
  expect(variance).toBeCloseTo(1 / 12, 2);
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
});

test('whole numbers reach both ends of their range and nothing beyond', () => {
  const random = createRandom(1, 'integers');
  const seen = new Set(Array.from({ length: 500 }, () => random.integer(-2, 3)));
  expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
});

test('weighted draws follow their weights', () => {
  const random = createRandom(1, 'weights');
  const draw = weighted([
    ['never', 0],
    ['rare', 1],
    ['common', 9],
  ]);
  const counts = Object.groupBy(
    Array.from({ length: 10_000 }, () => draw(random)),
    (choice) => choice,
  );
  expect(counts.never).toBeUndefined();
  expect((counts.rare?.length ?? 0) / 10_000).toBeCloseTo(0.1, 1);
});

// Test vectors of the FNV reference code, http://www.isthe.com/chongo/tech/comp/fnv/
test('fnv1a agrees with the published test vectors', () => {
  expect(fnv1a('')).toBe(0x811c9dc5);
  expect(fnv1a('a')).toBe(0xe40c292c);
  expect(fnv1a('foobar')).toBe(0xbf9cf968);
});
