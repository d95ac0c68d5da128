/** A stream of pseudo-random whole numbers from 0 to 2³² − 1. */
export type RandomStream = () => number;

/** The four 32-bit words of a generator's state; not all zero. */
export type RandomState = readonly [number, number, number, number];

/**
 * xoshiro128** 1.1 (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators", ACM TOMS 47:36;
 * public domain, prng.di.unimi.it): period 2¹²⁸ − 1, and 32-bit arithmetic only, so `Math.imul` reproduces it
 * bit for bit on every machine.
 */
export function xoshiro128(state: RandomState): RandomStream {
  if (state.every((word) => word >>> 0 === 0))
    throw new RangeError('xoshiro128: the state must not be all zero');
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

/**
 * Stream for `seed`, a whole number from 0. The state is filled by SplitMix64 (Steele, Lea & Flood 2014), as
 * the authors of xoshiro recommend, so that neighbouring seeds do not give similar streams.
 */
export function randomStream(seed: number): RandomStream {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`randomStream: the seed must be a whole number from 0, got ${seed}`);
  }
  const [first, second] = splitMix64(BigInt(seed));
  return xoshiro128([low32(first), high32(first), low32(second), high32(second)]);
}

/** The first two outputs of SplitMix64 for `seed`. */
export function splitMix64(seed: bigint): [bigint, bigint] {
  return [mix64(seed + GOLDEN_GAMMA), mix64(seed + 2n * GOLDEN_GAMMA)];
}

/** 2⁶⁴ divided by the golden ratio, the increment of SplitMix64. */
const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;

function mix64(value: bigint): bigint {
  let z = BigInt.asUintN(64, value);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

function low32(value: bigint): number {
  return Number(value & 0xffffffffn);
}

function high32(value: bigint): number {
  return Number(value >> 32n);
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
