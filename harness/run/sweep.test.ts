import { describe, expect, test } from 'vitest';
import { between, findBreakEvens, findOverflow, logSteps, readAxes } from '../analysis/sweep.ts';
import type { SweepPoint } from '../results/sweep.ts';

const whole = { name: 'size', from: 1, to: 1000, whole: true };

const point = (size: number, classic: number, code: number, fits = true): SweepPoint => ({
  params: { size },
  run: '',
  verdict: {
    pattern: !fits ? 'code' : code < classic ? 'code' : code > classic ? 'classic' : 'either',
    because: fits ? 'value' : 'window',
    ratio: { value: code / classic, low: code / classic, high: code / classic },
    uncached: null,
    padded: null,
  },
  results: [
    { variant: 'classic', pattern: 'classic' as const, value: classic, fits },
    { variant: 'code', pattern: 'code' as const, value: code, fits: true },
  ].map(({ value, ...rest }) => ({
    ...rest,
    correct: 1,
    roundTrips: 1,
    toolCalls: 1,
    bytesPerResult: 1,
    tokens: { context: 1, billed: 1 },
    costUsd: { cached: value, uncached: value * 2 },
    modelledSeconds: 1,
  })),
});

describe('an axis', () => {
  test('goes from end to end in equal steps of the logarithm, without repeating whole numbers', () => {
    expect(logSteps(whole, 4)).toEqual([1, 10, 100, 1000]);
    expect(logSteps({ ...whole, to: 3 }, 9)).toEqual([1, 2, 3]);
  });

  test('has a value half-way between two, until there is none', () => {
    expect(between(whole, 10, 1000)).toBe(100);
    expect(between(whole, 4, 5)).toBeUndefined();
    expect(between({ ...whole, whole: false }, 4, 5)).toBeCloseTo(4.472);
  });

  test('is told from parameters that stay as they are', () => {
    const params = {
      size: { type: 'integer' as const, default: 1, description: 'size' },
      kind: { type: 'string' as const, default: 'a', description: 'kind' },
    };
    const scenario = { name: 's', params };
    expect(readAxes(scenario, { size: '10..500', kind: 'b' })).toEqual({
      axes: [{ name: 'size', from: 10, to: 500, whole: true }],
      fixed: { kind: 'b' },
    });
    expect(() => readAxes(scenario, { kind: 'b' })).toThrow('such as --param size=10..1000');
    expect(() => readAxes(scenario, { size: '500..10' })).toThrow('to a larger one');
    expect(() => readAxes(scenario, { kind: 'a..b' })).toThrow('no number');
  });
});

describe('a break-even', () => {
  test('lies between two verdicts, where a line through the logarithms of size and ratio crosses 1', () => {
    // Ratios 2 and 1/2 at 10 and 1,000: half-way in the logarithm.
    expect(findBreakEvens([point(1000, 2, 1), point(10, 1, 2)], whole, true)).toEqual([
      { caching: true, axis: 'size', between: [10, 1000], at: 100, below: 'classic', above: 'code' },
    ]);
  });

  test('is claimed once on each side of a size at which both cost exactly the same', () => {
    const found = findBreakEvens([point(1, 1, 2), point(10, 1, 1), point(100, 2, 1)], whole, true);
    expect(found.map(({ between: [from, to], below, above }) => [from, below, to, above])).toEqual([
      [1, 'classic', 10, 'either'],
      [10, 'either', 100, 'code'],
    ]);
  });

  test('is where one side stops fitting, though it would cost less', () => {
    const found = findBreakEvens([point(1, 1, 2), point(10, 1, 2, false)], whole, true);
    expect(found).toMatchObject([{ below: 'classic', above: 'code' }]);
  });

  test('is not claimed where the verdict is the same throughout, or was not made', () => {
    const points = [point(1, 1, 2), point(10, 1, 3)];
    expect(findBreakEvens(points, whole, true)).toEqual([]);
    expect(findBreakEvens(points, whole, false)).toEqual([]);
  });

  test('names the sizes between which each variant leaves the window', () => {
    const points = [point(1, 1, 1), point(100, 1, 1, false), point(10, 1, 1)];
    expect(findOverflow(points, whole)).toEqual([{ variant: 'classic', axis: 'size', between: [10, 100] }]);
    expect(findOverflow([point(1, 1, 1)], whole)).toEqual([]);
  });
});
