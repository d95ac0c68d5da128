import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../../mock-servers/random.ts';
import reference from './reference.json' with { type: 'json' };
import {
  estimateShare,
  falseAlarmRate,
  passAtK,
  passHatK,
  trialsForShare,
  trialsNeeded,
  wilsonHalfWidth,
} from './share.ts';

const counts = fc
  .integer({ min: 1, max: 5000 })
  .chain((trials) =>
    fc.record({ trials: fc.constant(trials), correct: fc.integer({ min: 0, max: trials }) }),
  );

function interval(correct: number, trials: number) {
  const share = estimateShare(correct, trials);
  if (share.status !== 'interval') throw new Error(`expected an interval, got ${share.status}`);
  return share;
}

test.each(reference.wilson as [number, number, number, number][])(
  'the interval of %d of %d agrees with statsmodels',
  (correct, trials, low, high) => {
    const share = interval(correct, trials);
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
    expect(interval(0, trials).low).toBe(0);
    expect(interval(trials, trials).high).toBe(1);
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

const picks = fc
  .integer({ min: 1, max: 300 })
  .chain((trials) =>
    fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials), fc.integer({ min: 1, max: trials })),
  );

test.each(reference.passAtK as [number, number, number, number][])(
  'pass@k of %d of %d at k = %d agrees with exact fractions',
  (correct, trials, k, expected) => {
    expect(Math.abs(passAtK(correct, trials, k) / expected - 1)).toBeLessThan(1e-12);
  },
);

test.each(reference.passHatK as [number, number, number, number][])(
  'pass^k of %d of %d at k = %d agrees with exact fractions',
  (correct, trials, k, expected) => {
    expect(Math.abs(passHatK(correct, trials, k) / expected - 1)).toBeLessThan(1e-12);
  },
);

test('at k = 1 both are the share of correct trials', () => {
  fc.assert(
    fc.property(picks, ([correct, trials]) => {
      expect(passAtK(correct, trials, 1)).toBeCloseTo(correct / trials, 13);
      expect(passHatK(correct, trials, 1)).toBeCloseTo(correct / trials, 13);
    }),
  );
});

test('that one of k is correct and that all k are wrong are complements', () => {
  fc.assert(
    fc.property(picks, ([correct, trials, k]) => {
      expect(passAtK(correct, trials, k) + passHatK(trials - correct, trials, k)).toBeCloseTo(1, 12);
    }),
  );
});

test('a larger k makes one success likelier and unbroken success less likely', () => {
  fc.assert(
    fc.property(picks, ([correct, trials, k]) => {
      fc.pre(k < trials);
      const rounding = 1e-12;
      expect(passAtK(correct, trials, k + 1) - passAtK(correct, trials, k)).toBeGreaterThanOrEqual(-rounding);
      expect(passHatK(correct, trials, k + 1) - passHatK(correct, trials, k)).toBeLessThanOrEqual(rounding);
    }),
  );
});

test('a million trials give neither NaN nor a share outside 0 to 1', () => {
  const values = [passAtK(500_000, 1_000_000, 400_000), passHatK(999_000, 1_000_000, 900_000)];
  for (const value of values) expect(value >= 0 && value <= 1).toBe(true);
});

test('none correct never passes and all correct always does, exactly', () => {
  expect([passAtK(0, 9, 4), passHatK(0, 9, 4)]).toEqual([0, 0]);
  expect([passAtK(9, 9, 4), passHatK(9, 9, 4)]).toEqual([1, 1]);
});

test('three of three correct are not enough for ± 10 points, and more than seventy trials would be', () => {
  expect(trialsNeeded(3, 3, 0.1)).toBe(75);
});

test('no trial at all asks for as many as a share of one half would take', () => {
  expect(trialsNeeded(0, 0, 0.1)).toBe(93);
});

test('a hundred trials are enough for ± 10 points', () => {
  expect(trialsNeeded(50, 100, 0.1)).toBeNull();
});

test('when trials do not suffice, more than there are are asked for', () => {
  for (let trials = 1; trials <= 60; trials++) {
    for (let correct = 0; correct <= trials; correct++) {
      const needed = trialsNeeded(correct, trials, 0.12);
      if (needed !== null) expect(needed).toBeGreaterThan(trials);
    }
  }
});

test('the rate counts claimed differences among all comparisons and reports the undecided apart', () => {
  const decisions = (['lower', 'equivalent', 'insufficient', 'insufficient'] as const).map((decision) => ({
    decision,
  }));
  expect(falseAlarmRate(decisions)).toMatchObject({
    rate: { status: 'interval', value: 0.25, n: 4 },
    claimed: 1,
    undecided: 2,
    comparisons: 4,
  });
});

test('no comparison gives no rate', () => {
  expect(falseAlarmRate([]).rate).toMatchObject({ status: 'none', value: null });
});

test('the trials for a share are the fewest whose Wilson interval is narrow enough', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.double({ min: 0.005, max: 0.45, noNaN: true }), (p, halfWidth) => {
      const trials = trialsForShare(p, halfWidth);
      expect(wilsonHalfWidth(p, trials)).toBeLessThanOrEqual(halfWidth * (1 + 1e-9));
      if (trials > 1) expect(wilsonHalfWidth(p, trials - 1)).toBeGreaterThan(halfWidth * (1 - 1e-9));
    }),
  );
});

test.each(reference.trialsForShare as [number, number, number][])(
  'a share of %d to ± %d takes as many trials as a search with statsmodels finds',
  (share, halfWidth, trials) => {
    expect(trialsForShare(share, halfWidth)).toBe(trials);
  },
);
