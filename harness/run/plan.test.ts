import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import type { Trial } from './plan.ts';
import { selectShard } from './plan.ts';

/** Trials of these scenarios in two variants; nothing else of a trial matters here. */
function trialsOf(...scenarios: string[]): Trial[] {
  return scenarios.flatMap((name) =>
    ['classic', 'code'].map((variant) => ({ scenario: { name }, variant: { name: variant } }) as Trial),
  );
}

const namesOf = (trials: Trial[]) =>
  trials.map(({ scenario, variant }) => `${scenario.name}/${variant.name}`);

describe('selectShard', () => {
  const all = trialsOf('a', 'b', 'c', 'd', 'e');

  test('puts each trial into exactly one shard, all variants of a scenario into the same', () => {
    const parts = [1, 2, 3].map((index) => selectShard(all, { index, of: 3 }).trials);
    expect(parts.map((part) => [...new Set(part.map(({ scenario }) => scenario.name))])).toEqual([
      ['a', 'd'],
      ['b', 'e'],
      ['c'],
    ]);
    expect(namesOf(parts.flat()).sort()).toEqual(namesOf(all).sort());
  });

  test('records the whole plan, so that what is missing can be named', () => {
    expect(selectShard(all, { index: 2, of: 3 }).record).toEqual({
      index: 2,
      of: 3,
      scenarios: ['a', 'b', 'c', 'd', 'e'],
      trials: 10,
    });
  });

  test('refuses a shard that would have nothing to do', () => {
    expect(() => selectShard(trialsOf('a'), { index: 2, of: 2 })).toThrow(UsageError);
  });
});
