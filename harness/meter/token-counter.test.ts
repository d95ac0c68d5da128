import { describe, expect, test } from 'vitest';
import {
  addCounts,
  countAlike,
  type ExactCounter,
  exactly,
  fixed,
  labelOf,
  preferExact,
  type TokenCounter,
  toRange,
} from './token-counter.ts';

const { signal } = new AbortController();

/** One token a character, a tenth of them uncertain. */
const characters: TokenCounter = {
  method: 'characters',
  count: (text) => text.length,
  measure: ({ length }) => ({
    tokens: length,
    estimated: length,
    counted: 0,
    drift: { prose: length / 10 },
    variance: 0,
  }),
};

/** Knows these texts; `asked` lists what it was asked for. */
function knowing(counts: Record<string, number>) {
  const asked: (readonly string[])[] = [];
  const exact: ExactCounter = {
    method: 'a file',
    count: async (texts) => {
      asked.push(texts);
      return texts.map((text) => counts[text]);
    },
  };
  return { exact, asked };
}

describe('a counter that prefers exact counts', () => {
  test('goes by them once they were prepared, and by the estimate for what is unknown', async () => {
    const counter = preferExact(knowing({ known: 2 }).exact, characters);
    expect(counter.measure('known').estimated).toBe(5);
    await counter.prepare?.(['known', 'unknown'], signal);
    expect(counter.measure('known')).toEqual(exactly(2));
    expect(counter.measure('unknown')).toEqual(characters.measure('unknown'));
    expect(counter.count('known')).toBe(2);
  });

  test('asks for each text once, and never for an empty one', async () => {
    const { exact, asked } = knowing({ a: 1 });
    const counter = preferExact(exact, characters);
    await counter.prepare?.(['a', 'a', '', 'b'], signal);
    await counter.prepare?.(['b', 'a', 'c'], signal);
    expect(asked).toEqual([['a', 'b'], ['c']]);
    expect(counter.measure('')).toEqual(exactly(0));
  });

  test('asks again for what it could not learn', async () => {
    let fails = true;
    const counter = preferExact(
      {
        method: 'an endpoint',
        count: async (texts) => {
          if (fails) throw new Error('429');
          return texts.map(() => 3);
        },
      },
      characters,
    );
    await expect(counter.prepare?.(['a'], signal)).rejects.toThrow('429');
    fails = false;
    await counter.prepare?.(['a'], signal);
    expect(counter.count('a')).toBe(3);
  });

  test('asks once for a text that two trials need at a time, and again where the first of them fails', async () => {
    const answers: ((fails: boolean) => void)[] = [];
    const asked: (readonly string[])[] = [];
    const exact: ExactCounter = {
      method: 'an endpoint',
      count: (texts) => {
        asked.push(texts);
        return new Promise((resolve, reject) => {
          answers.push((fails) => (fails ? reject(new Error('429')) : resolve(texts.map(() => 3))));
        });
      },
    };
    const counter = preferExact(exact, characters);
    const first = counter.prepare?.(['a', 'b'], signal);
    const second = counter.prepare?.(['b', 'c', 'b'], signal);
    expect(asked).toEqual([['a', 'b'], ['c']]);
    answers[1]?.(false);
    answers[0]?.(true);
    await expect(first).rejects.toThrow('429');
    await expect.poll(() => asked).toEqual([['a', 'b'], ['c'], ['b']]);
    answers[2]?.(false);
    await second;
    expect([counter.count('b'), counter.count('c')]).toEqual([3, 3]);
    expect(counter.measure('a').estimated).toBe(1);
  });

  test('names both ways in its method', () => {
    expect(preferExact(knowing({}).exact, characters).method).toBe('a file; else characters');
  });
});

describe('the range of a count', () => {
  test('is the count itself where it is exact', () => {
    expect(toRange(exactly(7))).toEqual({ tokens: 7, low: 7, high: 7 });
  });

  test('adds the error that texts of a kind share, and evens out kinds and each text’s own', () => {
    const shared = { tokens: 1000, estimated: 1000, counted: 0, drift: { prose: 20 }, variance: 0 };
    const other = { ...shared, drift: { data: 20 } };
    const own = { ...shared, drift: {}, variance: 400 };
    expect(toRange(shared)).toEqual({ tokens: 1000, low: 967, high: 1033 });
    expect(toRange(own)).toEqual({ tokens: 1000, low: 967, high: 1033 });
    // A hundred times: 100 × 20 × 1.645 = 3,290 where it is shared, √100 × 20 × 1.645 = 329 where it is not.
    expect(toRange(addCounts(Array(100).fill(shared)))).toEqual({ tokens: 1e5, low: 96_710, high: 103_290 });
    expect(toRange(addCounts(Array(100).fill(own)))).toEqual({ tokens: 1e5, low: 99_671, high: 100_329 });
    // Two kinds: √2 × 20 × 1.645 = 46.5.
    expect(toRange(addCounts([shared, other]))).toEqual({ tokens: 2000, low: 1953, high: 2047 });
  });

  test('never goes below what was counted', () => {
    const mixed = addCounts([
      exactly(100),
      { tokens: 2, estimated: 2, counted: 0, drift: { prose: 5 }, variance: 0 },
    ]);
    expect(toRange(mixed)).toEqual({ tokens: 102, low: 100, high: 111 });
  });
});

test('a figure is labelled by how much of it was estimated', () => {
  const estimate = characters.measure('abc');
  expect(labelOf(estimate)).toBe('estimated');
  expect(labelOf(exactly(3))).toBe('counted');
  expect(labelOf(addCounts([estimate, exactly(3)]))).toBe('partly counted');
  // What stands around texts in every prompt is neither.
  expect(labelOf(addCounts([estimate, fixed(3)]))).toBe('estimated');
  expect(labelOf(addCounts([exactly(3), fixed(3)]))).toBe('counted');
});

describe('a counter for which random names are alike', () => {
  const randomly = knowing({ '/tmp/trial-000/a': 4 });
  const counter = countAlike(preferExact(randomly.exact, characters), /trial-\w{3}/g, 'trial-000');

  test('counts two texts alike that differ in them, also exactly', async () => {
    await counter.prepare?.(['/tmp/trial-x1Y/a', '/tmp/trial-9ab/a'], signal);
    expect(randomly.asked).toEqual([['/tmp/trial-000/a']]);
    expect([counter.count('/tmp/trial-Q7z/a'), counter.estimate?.count('/tmp/trial-Q7z/a')]).toEqual([4, 16]);
    expect(counter.measure('/tmp/trial-x1Y/b')).toEqual(counter.measure('/tmp/trial-9ab/b'));
  });
});
