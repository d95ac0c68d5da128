import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../mock-servers/random.ts';
import { bandsOf, type Estimated, holdNine } from './calibrate.ts';

/** Documents of 100 tokens whose counts are off by a share of up to `most`, evenly spread. */
function document(source: string, most: number, numbers: Random): Estimated {
  const error = (2 * numbers.next() - 1) * most;
  return { source, textKind: 'data', tokens: 10_000, counted: 10_000 * (1 + error) };
}

describe('a share that was measured', () => {
  test.each([9, 20, 50])('on %i documents holds the next one nine times in ten', (size) => {
    const numbers = createRandom(size, 'errors');
    const rounds = 20_000;
    let held = 0;
    for (let round = 0; round < rounds; round += 1) {
      const documents = Array.from({ length: size }, () => document('a', 0.2, numbers));
      const { tokens, counted } = document('a', 0.2, numbers);
      if (Math.abs(counted / tokens - 1) <= holdNine(documents)) held += 1;
    }
    // Exactly ⌈0.9 (n + 1)⌉ / (n + 1), for any distribution: 0.9 to 0.905 here. Its standard error is 0.002.
    expect(held / rounds).toBeCloseTo(Math.ceil(0.9 * (size + 1)) / (size + 1), 2);
  });

  test('holds each source with many documents, and not only all together', () => {
    const numbers = createRandom(7, 'errors');
    const many = (source: string, most: number, of: number) =>
      Array.from({ length: of }, () => document(source, most, numbers));
    const [band] = bandsOf([...many('easy', 0.02, 950), ...many('hard', 0.1, 50)]);
    // Nine tenths of the hard ones are within 0.09; of all together, nine tenths would be within 0.02.
    expect(band?.within).toBeGreaterThan(0.08);
  });

  test('is by size, and never smaller for short documents than for long ones', () => {
    const of = (tokens: number, error: number) =>
      Array.from({ length: 30 }, () => ({
        ...{ source: 'a', textKind: 'data' as const, tokens },
        counted: tokens * (1 + error),
      }));
    expect(bandsOf([...of(20, 0.01), ...of(80, 0.2), ...of(200, 0.05), ...of(5000, 0.1)])).toEqual([
      { upTo: 30, within: 0.2, documents: 30 },
      { upTo: 100, within: 0.2, documents: 30 },
      { upTo: 300, within: 0.1, documents: 30 },
      { upTo: null, within: 0.1, documents: 30 },
    ]);
  });
});
