import { expect, test } from 'vitest';
import { fitRidge, type Row } from './regression.ts';

const row = (tokens: number, kinds: Record<string, number>): Row => ({
  ...{ kinds: new Map(Object.entries(kinds)), tokens, weight: 1 },
});

test('a fit finds the coefficients that documents were made with, and those of all parts but one', () => {
  const price = { word: 1.5, digit: 0.5, mark: 1 };
  const made = (word: number, digit: number, mark: number) =>
    row(word * price.word + digit * price.digit + mark * price.mark, { word, digit, mark });
  const sound = [made(40, 3, 5), made(2, 60, 9), made(11, 4, 70), made(30, 30, 2)];
  // In the second part a mark costs two tokens.
  const other = [row(200, { mark: 100 })];
  const { all, without } = fitRidge([sound, other], () => ({ tokens: 1, ridge: 1e-9 }));
  for (const [kind, tokens] of Object.entries(price)) expect(without[1]?.get(kind)).toBeCloseTo(tokens, 4);
  expect(without[0]?.get('mark')).toBeCloseTo(2, 4);
  expect(all.get('mark')).toBeGreaterThan(1.1);
});

test('a coefficient that documents say nothing of is its prior, and one that they say little of is between', () => {
  const { all, without } = fitRidge(
    [[row(30, { rare: 1, usual: 20 })], [row(30, { usual: 20 })]],
    (kind) => ({
      tokens: kind === 'rare' ? 4 : 1,
      ridge: 0.01,
    }),
  );
  expect(without[0]?.get('rare')).toBeCloseTo(4, 9);
  expect(all.get('rare')).toBeLessThan(4);
  expect(all.get('rare')).toBeGreaterThan(0);
});
