import { describe, expect, test } from 'vitest';
import { findModel } from './catalogue.ts';
import { changeByDeferring, findThreshold, type Surroundings, weighDeferrals } from './deferral.ts';

const sonnet = findModel('claude-sonnet-5');

const surroundings = (changed: Partial<Surroundings> = {}): Surroundings => ({
  model: sonnet,
  definition: 200,
  prompt: 2_000,
  searchTool: 100,
  found: 5,
  ...changed,
});

describe('deferring definitions', () => {
  test('changes what the price table says, for a case worked out by hand', () => {
    // Up front: 100 × 200 = 20,000 tokens are written once and read once. Deferred: the search tool's 100 in their place.
    const definitions = 20_000 * (2.5 + 0.2);
    const searchTool = 100 * (2.5 + 0.2 + 0.2);
    // One request more reads the prompt of 2,000 and the task of 200 once more.
    const again = (2_000 + 200) * 0.2;
    // The search: 60 tokens out, then written as the prompt's new part, then read. It brings five definitions: written, read.
    const search = 60 * (10 + 2.5 + 0.2);
    const brought = 5 * 200 * (2.5 + 0.2);
    const expected = (searchTool + again + search + brought - definitions) / 1e6;
    const change = changeByDeferring({ present: 100, used: 1, requests: 2 }, surroundings());
    expect(change).toBeCloseTo(expected, 7);
  });

  test.each([1, 3, 5])('never pays where %i tools are present and one search brings them all', (present) => {
    for (const requests of [2, 10, 100]) {
      expect(changeByDeferring({ present, used: 1, requests }, surroundings())).toBeGreaterThan(0);
    }
  });

  test('in billed tokens where the model has no price', () => {
    const free = { ...sonnet, prices: [] };
    const change = changeByDeferring({ present: 100, used: 1, requests: 2 }, surroundings({ model: free }));
    // Two requests carry 20,000 less; three carry 100 of the search tool; one more carries the prompt and the task.
    const search = 60 + 2 * (60 + 1_000);
    expect(change).toBe(-2 * 20_000 + 3 * 100 + 2_200 + search);
    expect(weighDeferrals(surroundings({ model: free }), 20).unit).toBe('tokens');
  });
});

describe('the threshold', () => {
  const uses = [1, 5].flatMap((used) => [2, 10].map((requests) => ({ used, requests })));
  // The second has the highest cache minimum.
  const models = [sonnet, findModel('claude-haiku-4-5')];

  test.each([20, 200, 1_000])(
    'is the first number from which on it pays, definitions of %i tokens',
    (definition) => {
      for (const model of models) {
        const around = surroundings({ model, definition });
        for (const use of uses) {
          const found = findThreshold(use, around);
          const paying = Array.from({ length: 120 }, (_, index) => index + 1).map(
            (present) => changeByDeferring({ present, ...use }, around) < 0,
          );
          const first = paying.lastIndexOf(false) + 2;
          if (first <= paying.length) expect(found?.tools).toBe(first);
          else expect(found?.tools ?? Number.POSITIVE_INFINITY).toBeGreaterThan(paying.length);
        }
      }
    },
  );

  test('is lower for longer workflows and higher for those that use more tools', () => {
    const tools = (used: number, requests: number) =>
      findThreshold({ used, requests }, surroundings())?.tools ?? 0;
    expect(tools(1, 30)).toBeLessThan(tools(1, 2));
    expect(tools(10, 5)).toBeGreaterThan(tools(1, 5));
  });

  test('does not exist where definitions take nothing', () => {
    expect(findThreshold({ used: 1, requests: 2 }, surroundings({ definition: 0 }))).toBeNull();
  });

  test('is a share of the window, so that a smaller window reaches it at a larger share', () => {
    const small = { ...sonnet, contextWindow: sonnet.contextWindow / 5 };
    const [large, less] = [surroundings(), surroundings({ model: small })].map((around) =>
      findThreshold({ used: 1, requests: 5 }, around),
    );
    expect(less?.tools).toBe(large?.tools);
    expect(less?.ofWindow).toBeCloseTo(5 * (large?.ofWindow ?? 0));
  });
});

test('workflows use no more tools than there are', () => {
  const { cells, definitions, ofWindow } = weighDeferrals(surroundings(), 3);
  expect(new Set(cells.map(({ used }) => used))).toEqual(new Set([1, 2]));
  expect([definitions, ofWindow]).toEqual([600, 600 / sonnet.contextWindow]);
});
