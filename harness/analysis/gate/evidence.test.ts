import { describe, expect, test } from 'vitest';
import { mean, spreadOfDifference, studentQuantile, varianceOf } from '../stats/belief.ts';
import { noiseOf } from './baseline.ts';
import { intervalOfRatio, judgeAmount, judgeRight, trialsToShowFall, trialsToShowRise } from './change.ts';
import { rateOfGate, ratesOfAmounts, ratesOfCounts } from './testing/gate-rates.ts';

const judge = (right: number, trials: number, nowRight: number, nowTrials = trials) =>
  judgeRight({ right, trials }, { right: nowRight, trials: nowTrials }, 0.05);

describe('a fall in correctness', () => {
  test.each([
    [5, 5, 0, 5],
    [5, 5, 1, 5],
    [10, 10, 5, 10],
    [3, 3, 0, 3],
    [20, 20, 2, 5],
  ])('%i/%i to %i/%i stops', (right, trials, nowRight, nowTrials) => {
    expect(judge(right, trials, nowRight, nowTrials)).toBe('breach');
  });

  test.each([
    [20, 20, 16],
    [10, 10, 6],
    [5, 5, 2],
  ])('%i/%i to %i takes a fresh sample', (right, trials, nowRight) => {
    expect(judge(right, trials, nowRight)).toBe('again');
  });

  test.each([
    [20, 20, 18],
    [19, 20, 20],
    [1, 1, 0],
    [5, 10, 10],
  ])('%i/%i to %i passes', (right, trials, nowRight) => {
    expect(judge(right, trials, nowRight)).toBe('pass');
  });

  test('a fresh sample must reach less than what stops at once, and more than what raised the doubt', () => {
    const fresh = (right: number) =>
      judgeRight({ right: 10, trials: 10 }, { right, trials: 10 }, 0.05, 'fresh');
    expect([5, 6, 7].map(fresh)).toEqual(['breach', 'breach', 'pass']);
  });

  // Exact. The bounds are those of the prototype's tables, rounded up.
  test('false alarms are rare: a check of what is unchanged, and a gate of ten', () => {
    for (const n of [3, 5, 10, 15, 20]) {
      expect(ratesOfCounts(n, 1, 1).stopped).toBe(0);
      expect(ratesOfCounts(n, 0.95, 0.95).stopped).toBeLessThan(0.0002);
      expect(rateOfGate(ratesOfCounts(n, 0.9, 0.9).stopped, 10)).toBeLessThan(0.022);
      expect(rateOfGate(ratesOfCounts(n, 0.8, 0.8).stopped, 10)).toBeLessThan(0.07);
    }
  });

  test('half of the answers wrong stops in four of five gates from ten trials on', () => {
    expect(ratesOfCounts(10, 1, 0.5).stopped).toBeGreaterThan(0.78);
    expect(ratesOfCounts(15, 1, 0.5).stopped).toBeGreaterThan(0.96);
    expect(ratesOfCounts(20, 1, 0.5).stopped).toBeGreaterThan(0.99);
  });

  test.each([
    [1, 1, 3],
    [2, 2, 3],
    [4, 5, 5],
    [8, 10, 5],
    [7, 10, 6],
    [5, 10, 9],
    [0, 5, null],
  ])('a baseline of %i/%i needs %s trials', (right, trials, needed) => {
    expect(trialsToShowFall({ right, trials }, 0.05)).toBe(needed);
  });
});

describe('a rise of an amount', () => {
  const amount = (values: number[]) => ({
    mean: mean(values),
    noise: noiseOf(values),
    trials: values.length,
  });

  test('is judged by the test that the verdict has for unpaired trials', () => {
    const [old, now] = [
      [10, 12, 11, 9],
      [21, 18, 26, 22, 20],
    ] as const;
    const pulls = (values: readonly number[]) => {
      const shares = values.map((value) => value / mean(values));
      return { variance: varianceOf(shares), n: values.length };
    };
    const { error, df } = spreadOfDifference(pulls(now), pulls(old));
    const { low, high } = intervalOfRatio(amount([...old]), amount([...now]));
    const ratio = mean(now) / mean(old);
    // The file keeps noise to six decimals.
    expect(low).toBeCloseTo(ratio / Math.exp(studentQuantile(0.975, df) * error), 4);
    expect(high).toBeCloseTo(ratio * Math.exp(studentQuantile(0.975, df) * error), 4);
  });

  test('doubled over four trials with little noise stops at once', () => {
    const before = amount([0.9, 1.05, 1.1, 0.95]);
    const after = amount([1.9, 2.05, 2.1, 1.95]);
    expect(judgeAmount(before, after, { allowed: 0.005, checks: 30 })).toBe('breach');
  });

  test('up to what is allowed passes, with any noise', () => {
    const [before, after] = [1, 1.005].map((each) => ({ mean: each, noise: 0, trials: 4 }));
    expect(judgeAmount(before as never, after as never, { allowed: 0.005, checks: 1 })).toBe('pass');
  });

  test('from nothing to something is asked again, then stops', () => {
    const [before, after] = [0, 1].map((each) => ({ mean: each, noise: each, trials: 4 }));
    const limits = { allowed: 0.005, checks: 1 };
    expect(judgeAmount(before as never, after as never, limits)).toBe('again');
    expect(judgeAmount(before as never, after as never, { ...limits, stage: 'fresh' })).toBe('breach');
  });

  // Simulated from a seed; scripts/gate-tables.ts prints the whole table with more runs.
  test('doubled over four trials at noise 0.1 stops in nine of ten gates at once, and in all with a fresh sample', () => {
    const rates = ratesOfAmounts({ before: 4, after: 4, spread: 0.1, factor: 2, checks: 30, runs: 400 });
    expect(rates.atOnce).toBeGreaterThan(0.88);
    expect(rates.stopped).toBeGreaterThan(0.98);
  });

  test('unchanged over thirty checks stops at most one gate in twenty at noise 0.1', () => {
    for (const n of [4, 10, 20]) {
      const rates = ratesOfAmounts({ before: n, after: n, spread: 0.1, factor: 1, checks: 30, runs: 4000 });
      expect(rateOfGate(rates.stopped, 30)).toBeLessThan(0.05);
    }
  });

  test.each([
    [0.03, 2],
    [0.1, 3],
    [0.3, 6],
    [0.5, 12],
  ])('noise of %d needs %i trials to be sure to see it double', (noise, trials) => {
    expect(trialsToShowRise(noise, 2, 0.005)).toBe(trials);
  });
});
