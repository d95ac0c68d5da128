import { expect, test } from 'vitest';
import { type RandomState, randomStream, splitMix64, xoshiro128 } from './random.ts';
import reference from './reference.json' with { type: 'json' };

test('the generator gives the outputs of the reference implementation', () => {
  const next = xoshiro128(reference.xoshiro128.state as unknown as RandomState);
  expect(reference.xoshiro128.outputs.map(() => next())).toEqual(reference.xoshiro128.outputs);
});

test('SplitMix64 gives the published first output for seed 0', () => {
  expect(splitMix64(0n)[0]).toBe(0xe220a8397b1dcdafn);
});

test.each(reference.seededStream)('seed $seed gives the stream recorded from Python', ({ seed, outputs }) => {
  const next = randomStream(seed);
  expect(outputs.map(() => next())).toEqual(outputs);
});

test('neighbouring seeds give streams that agree in about half of their bits', () => {
  const [a, b] = [randomStream(41), randomStream(42)];
  let equalBits = 0;
  for (let i = 0; i < 1000; i++) {
    const same = ~(a() ^ b()) >>> 0;
    equalBits += same.toString(2).replaceAll('0', '').length;
  }
  expect(equalBits / 32_000).toBeGreaterThan(0.48);
  expect(equalBits / 32_000).toBeLessThan(0.52);
});

test('a seed that is not a whole number from 0, and an empty state, are refused', () => {
  expect(() => randomStream(-1)).toThrow(RangeError);
  expect(() => randomStream(0.5)).toThrow(RangeError);
  expect(() => xoshiro128([0, 0, 0, 0])).toThrow(RangeError);
});
