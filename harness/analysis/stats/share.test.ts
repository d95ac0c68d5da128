import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../../mock-servers/random.ts';
import reference from './reference.json' with { type: 'json' };
import { estimateShare } from './share.ts';

const counts = fc
  .integer({ min: 1, max: 5000 })
  .chain((trials) =>
    fc.record({ trials: fc.constant(trials), correct: fc.integer({ min: 0, max: trials }) }),
  );

function interval(correct: number, trials: number, confidence?: number) {
  const share = estimateShare(correct, trials, confidence);
  if (share.status !== 'interval') throw new Error(`expected an interval, got ${share.status}`);
  return share;
}

test.each(reference.wilson as [number, number, number, number, number][])(
  'the interval of %d of %d at confidence %d agrees with statsmodels',
  (correct, trials, confidence, low, high) => {
    const share = interval(correct, trials, confidence);
    expect(share.low).toBeCloseTo(low, 13);
    expect(share.high).toBeCloseTo(high, 13);
  },
);

test('without trials there is no share to read', () => {
  expect(estimateShare(0, 0)).toEqual({ status: 'none', reason: 'no_observations', value: null, n: 0 });
});

test('the interval stays within 0 and 1 and holds the observed share', () => {
  fc.assert(
    fc.property(counts, ({ correct, trials }) => {
      const { low, value, high } = interval(correct, trials);
      expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true);
    }),
  );
});

test('counting the wrong trials instead mirrors the interval', () => {
  fc.assert(
    fc.property(counts, ({ correct, trials }) => {
      const right = interval(correct, trials);
      const wrong = interval(trials - correct, trials);
      expect(wrong.low).toBeCloseTo(1 - right.high, 12);
      expect(wrong.high).toBeCloseTo(1 - right.low, 12);
    }),
  );
});

test('none correct starts the interval at exactly 0, and all correct ends it at exactly 1', () => {
  for (let trials = 1; trials < 300; trials++) {
    for (const confidence of [0.8, 0.9, 0.95, 0.98, 0.99, 0.999]) {
      expect(interval(0, trials, confidence).low).toBe(0);
      expect(interval(trials, trials, confidence).high).toBe(1);
    }
  }
});

test('one more correct trial raises both bounds', () => {
  fc.assert(
    fc.property(counts, ({ correct, trials }) => {
      fc.pre(correct < trials);
      const fewer = interval(correct, trials);
      const more = interval(correct + 1, trials);
      expect(more.low).toBeGreaterThan(fewer.low);
      expect(more.high).toBeGreaterThan(fewer.high);
    }),
  );
});

test('more confidence widens the interval', () => {
  const [narrow, wide] = [interval(7, 10, 0.9), interval(7, 10, 0.99)];
  expect(wide.low).toBeLessThan(narrow.low);
  expect(wide.high).toBeGreaterThan(narrow.high);
});

test('simulated 95 % intervals hold the true share in about 95 of 100 samples', () => {
  const random = createRandom(2026, 'coverage');
  let held = 0;
  const samples = 4000;
  for (let sample = 0; sample < samples; sample++) {
    // A new true share each time, for at a fixed one the coverage of any exact-count interval oscillates.
    const truth = 0.05 + 0.9 * random.next();
    let correct = 0;
    for (let trial = 0; trial < 12; trial++) if (random.chance(truth)) correct++;
    const { low, high } = interval(correct, 12);
    if (low <= truth && truth <= high) held++;
  }
  expect(held / samples).toBeGreaterThan(0.94);
  expect(held / samples).toBeLessThan(0.965);
});

test('counts that cannot be are refused', () => {
  expect(() => estimateShare(4, 3)).toThrow(RangeError);
  expect(() => estimateShare(-1, 3)).toThrow(RangeError);
  expect(() => estimateShare(0.5, 3)).toThrow(RangeError);
  expect(() => estimateShare(1, 3, 1)).toThrow(RangeError);
});
