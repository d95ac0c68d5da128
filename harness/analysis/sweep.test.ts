import { describe, expect, test } from 'vitest';
import type { SweepPoint } from '../results/sweep.ts';
import {
  type Axis,
  findLeads,
  gapsByDistance,
  mostProbes,
  nextProbe,
  searchRange,
  toItemFlip,
} from './sweep.ts';

/** What a variant is at some size: its cost, and whether it fits and is right. */
type Side = { cost: number; fits?: boolean; correct?: number };
type World = (size: number) => { classic: Side; code: Side };

const axis: Axis = { name: 'size', from: 1, to: 3000, whole: true };

/** A point by the rule of verdicts for one measure of 10 %, counts being exact. */
function point(size: number, world: World): SweepPoint {
  const sides = world(size);
  const right = ({ fits = true, correct = 1 }: Side) => (fits ? correct : 0);
  const [classic, code] = [right(sides.classic), right(sides.code)];
  const ratio = sides.code.cost / sides.classic.cost;
  const cheaper = ratio < 1 / 1.1 ? 'code' : ratio > 1.1 ? 'classic' : 'either';
  const pattern =
    classic === code ? (classic === 0 ? 'neither' : cheaper) : classic > code ? 'classic' : 'code';
  const fits = sides.classic.fits !== false && sides.code.fits !== false;
  return {
    params: { size },
    run: '',
    results: [],
    verdict: {
      pattern,
      because: classic === code ? 'value' : fits ? 'correctness' : 'window',
      ratio: { value: ratio, low: ratio, high: ratio },
      compared: { classic: 'classic', code: 'code' },
      uncached: null,
      padded: null,
    },
  };
}

/** Searches as a run does, from one known point. */
function search(world: World, now: number, over = axis) {
  const points = [point(now, world)];
  const leads = () => findLeads(points, over);
  for (let size = nextProbe(leads(), over, now); size !== undefined; size = nextProbe(leads(), over, now)) {
    points.push(point(size, world));
  }
  return toItemFlip(leads(), over, now);
}

/** Classic costs 1 an item, code what 40 items cost. */
const linear: World = (size) => ({ classic: { cost: size }, code: { cost: 40 } });

/** Neighbours at which the verdict changes: both numbers and both verdicts. */
const edges = (found: ReturnType<typeof search>) =>
  (found?.tried ?? []).flatMap((right, index, tried) => {
    const left = tried[index - 1];
    return left && left.pattern !== right.pattern
      ? [{ between: [left.at, right.at], from: left.pattern, to: right.pattern, because: right.because }]
      : [];
  });

describe('a search for the number of items', () => {
  test('comes near to both edges of the range in which both cost the same, from above as from below', () => {
    for (const now of [10, 1000]) {
      const found = search(linear, now);
      // Equal from 40/1.1 = 36.4 to 44 items.
      const [low, high] = edges(found);
      expect(low).toMatchObject({ from: 'classic', to: 'either' });
      expect(high).toMatchObject({ from: 'either', to: 'code' });
      expect(low?.between[0]).toBeLessThan(36.4);
      expect(low?.between[1]).toBeGreaterThan(36.4);
      expect(high?.between[0]).toBeLessThanOrEqual(44);
      expect(high?.between[1]).toBeGreaterThan(44);
      expect(found?.tried.length).toBeLessThanOrEqual(mostProbes + 1);
    }
  });

  test('finds no flip where the same side leads at the ends and in the middle', () => {
    const found = search((size) => ({ classic: { cost: size }, code: { cost: size / 2 } }), 1000);
    expect(edges(found)).toEqual([]);
    expect(found?.tried.map(({ at }) => at)).toEqual([1, 32, 1000, 3000]);
  });

  test('closes the nearest gap first, in either direction', () => {
    const leads = [1, 10, 100, 300].map((size, index) => ({
      size,
      pattern: (['classic', 'code', 'code', 'classic'] as const)[index] ?? 'code',
      because: 'value' as const,
      padded: null,
    }));
    const sizes = (now: number) =>
      gapsByDistance(leads, now).map(({ left, right }) => [left.size, right.size]);
    // From 100 it is a factor of 10 down to 10, and none up to the gap that begins at 100.
    expect(sizes(100)).toEqual([
      [100, 300],
      [1, 10],
    ]);
    expect(sizes(10)[0]).toEqual([1, 10]);
    expect(nextProbe(leads, axis, 100)).toBe(173);
  });

  test('keeps every number that was tried, so that a lead that comes back is seen', () => {
    const back: World = (size) => ({
      classic: { cost: 40 },
      code: { cost: size < 20 || size > 2000 ? 99 : 9 },
    });
    const points = [1, 100, 1000, 3000].map((size) => point(size, back));
    expect(toItemFlip(findLeads(points, axis), axis, 1000)?.tried.map(({ pattern }) => pattern)).toEqual([
      'classic',
      'code',
      'code',
      'classic',
    ]);
  });

  test('takes a size at which the cheaper side stops fitting its window for a flip', () => {
    const found = search((size) => ({ classic: { cost: 1, fits: size < 300 }, code: { cost: 2 } }), 1000);
    const [edge] = edges(found);
    expect(edge).toMatchObject({ from: 'classic', to: 'code', because: 'window' });
    const [left = 0, right = 0] = edge?.between ?? [];
    expect([left < 300, right >= 300]).toEqual([true, true]);
  });

  test('prefers who is right to who is cheap, and knows sizes at which neither is', () => {
    const wrong: World = (size) => ({
      classic: { cost: 1, correct: size > 500 ? 0 : 1 },
      code: { cost: 2, correct: size > 1500 ? 0 : 1 },
    });
    const found = edges(search(wrong, 1000));
    expect(found[0]).toMatchObject({ from: 'classic', to: 'code', because: 'correctness' });
    expect(edges(search(wrong, 1400, { ...axis, from: 600 }))[0]).toMatchObject({
      from: 'code',
      to: 'neither',
    });
  });

  test('says nothing where no other number can be tried', () => {
    expect(search(linear, 5, { ...axis, from: 5, to: 5 })).toBeUndefined();
  });

  test('says nothing where nothing was compared', () => {
    expect(findLeads([{ ...point(5, linear), verdict: null }], axis)).toEqual([]);
  });
});

describe('the range of a search', () => {
  const spec = { type: 'integer' as const, default: 5, description: 'items' };

  test('goes from one item to three times the present number, within what the parameter may be', () => {
    expect(searchRange('n', spec, 20, 20)).toEqual({ name: 'n', whole: true, from: 1, to: 60 });
    expect(searchRange('n', { ...spec, min: 4, max: 50 }, 20, 20)).toMatchObject({ from: 4, to: 50 });
    expect(searchRange('n', { ...spec, type: 'number' }, 20, 20)).toMatchObject({ from: 0.2, whole: false });
  });

  test('goes no further up than about a thousand tool calls, and never below the present number', () => {
    expect(searchRange('n', spec, 2000, 200)?.to).toBe(6000);
    expect(searchRange('n', spec, 2000, 800)?.to).toBe(2500);
    expect(searchRange('n', spec, 5000, 5001)?.to).toBe(5000);
  });

  test('is none where there are no items now', () => {
    expect(searchRange('n', spec, 0, 1)).toBeUndefined();
  });
});
