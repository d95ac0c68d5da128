import { describe, expect, test } from 'vitest';
import { CacheModel } from './ledger.ts';

/** Every block has 1,000 tokens. */
const tokensUpTo = (blocks: number) => blocks * 1000;

describe('the cache model', () => {
  test('writes up to the last breakpoint at first, then reads what it wrote', () => {
    const cache = new CacheModel(1024);
    expect(cache.serve([2, 4], tokensUpTo)).toEqual({ readBlock: 0, writtenBlock: 4 });
    expect(cache.serve([4, 6], tokensUpTo)).toEqual({ readBlock: 4, writtenBlock: 6 });
  });

  test('leaves what follows the last breakpoint fresh', () => {
    const cache = new CacheModel(1024);
    expect(cache.serve([2], tokensUpTo)).toEqual({ readBlock: 0, writtenBlock: 2 });
    expect(cache.serve([2], tokensUpTo)).toEqual({ readBlock: 2, writtenBlock: 2 });
  });

  test('finds an entry nineteen blocks before its breakpoint, but not twenty', () => {
    const near = new CacheModel(0);
    near.serve([5], tokensUpTo);
    expect(near.serve([24], tokensUpTo).readBlock).toBe(5);
    const far = new CacheModel(0);
    far.serve([5], tokensUpTo);
    expect(far.serve([25], tokensUpTo)).toEqual({ readBlock: 0, writtenBlock: 25 });
  });

  test('finds an entry at an earlier breakpoint however many blocks were added since', () => {
    const cache = new CacheModel(0);
    cache.serve([1, 5], tokensUpTo);
    expect(cache.serve([1, 5, 500], tokensUpTo)).toEqual({ readBlock: 5, writtenBlock: 500 });
  });

  test('does not cache a prefix shorter than the minimum', () => {
    const cache = new CacheModel(2500);
    expect(cache.serve([1, 2], tokensUpTo)).toEqual({ readBlock: 0, writtenBlock: 0 });
    expect(cache.serve([2, 3], tokensUpTo)).toEqual({ readBlock: 0, writtenBlock: 3 });
  });

  test('caches nothing without a breakpoint', () => {
    const cache = new CacheModel(0);
    expect(cache.serve([], tokensUpTo)).toEqual({ readBlock: 0, writtenBlock: 0 });
  });
});
