import { describe, expect, test } from 'vitest';
import { findModel } from './catalogue.ts';
import { costOf } from './cost.ts';
import { findLatencyProfile, modelledMs } from './latency.ts';

const bill = { input: 10_000, fresh: 1000, cacheWrite: 2000, cacheRead: 7000, output: 500 };

describe('cost', () => {
  test('is the sum of each kind of token at its price, cached and uncached', () => {
    // claude-sonnet-5: 2 / 2.50 / 0.20 / 10 USD per million. (1000·2 + 2000·2.5 + 7000·0.2 + 500·10) / 1e6 = 0.0134;
    // (10000·2 + 500·10) / 1e6 = 0.025.
    expect(costOf(findModel('claude-sonnet-5'), [bill])).toEqual({ cached: 0.0134, uncached: 0.025 });
  });

  test('takes the price tier by the whole prompt of each request and prices its output too', () => {
    // claude-haiku-5-5 up to 100,000 tokens: 0.10 in, 0.50 out; above: 0.50 in, 2.50 out.
    const request = (input: number) => ({ input, fresh: input, cacheWrite: 0, cacheRead: 0, output: 1000 });
    const model = findModel('claude-haiku-5-5');
    expect(costOf(model, [request(100_000)])?.uncached).toBeCloseTo(0.0105, 10);
    expect(costOf(model, [request(100_001)])?.uncached).toBeCloseTo(0.0525005, 10);
  });

  test('is unknown, not zero, for a model without prices', () => {
    expect(costOf({ ...findModel('claude-sonnet-5'), prices: [] }, [bill])).toBeNull();
  });
});

test('modelled latency is overhead + prefill + cached prefill + decode', () => {
  // default: 0.8 s + 3000/10000 + 7000/90000 + 500/75 = 0.8 + 0.3 + 0.0778 + 6.6667 s.
  expect(modelledMs(findLatencyProfile('default'), bill)).toBeCloseTo(7844.44, 1);
});

test('an unknown latency profile is refused with the known ones', () => {
  expect(() => findLatencyProfile('defualt')).toThrow(/Nearest: default\. Known: fast, default, slow/);
});
