import { describe, expect, test } from 'vitest';
import type { Axis } from './axis.ts';
import { findLeads, toItemFlip } from './lead.ts';
import { mostProbes, nextProbe, searchRange } from './probe.ts';
import type { SweepPoint } from './sweep-schema.ts';

/** What a variant is at some size: its cost, and whether it fits and is right. */
type Side = { cost: number; fits?: boolean; correct?: number };
type World = (size: number) => { classic: Side; code: Side };

const compared = { classic: 'classic', code: 'code' };
const axis: Axis = { name: 'size', from: 1, to: 3000, whole: true };

function point(size: number, world: World): SweepPoint {
  const results = Object.entries(world(size)).map(([variant, { cost, fits = true, correct = 1 }]) => ({
    variant,
    pattern: variant as 'classic' | 'code',
    correct,
    fits,
    roundTrips: 1,
    toolCalls: 1,
    bytesPerResult: 1,
    tokens: { context: 1, billed: 1 },
    costUsd: { cached: cost, uncached: cost },
    modelledSeconds: 1,
  }));
  return { params: { size }, run: '', verdict: null, results };
}

/** Searches as a run does, from one known point. */
function search(world: World, now: number, over = axis) {
  const points = [point(now, world)];
  const leads = () => findLeads(points, over, compared, 'cost');
  for (let size = nextProbe(leads(), over, now); size !== undefined; size = nextProbe(leads(), over, now)) {
    points.push(point(size, world));
  }
  return toItemFlip(leads(), over, now);
}

/** Classic costs 1 an item, code what 40 items cost. */
const linear: World = (size) => ({ classic: { cost: size }, code: { cost: 40 } });

describe('a search for the number of items', () => {
  test('comes near to where the costs cross, with few trials, from above as from below', () => {
    for (const now of [10, 1000]) {
      const found = search(linear, now);
      expect(found).toMatchObject({ now, below: 'classic', above: 'code', turns: 'value' });
      expect(found?.at).toBeGreaterThanOrEqual(38);
      expect(found?.at).toBeLessThanOrEqual(42);
      expect(found?.tried.length).toBeLessThanOrEqual(mostProbes + 1);
    }
  });

  test('finds no flip where the same side leads at the ends and in the middle', () => {
    const found = search((size) => ({ classic: { cost: size }, code: { cost: size / 2 } }), 1000);
    expect(found).toEqual({
      param: 'size',
      now: 1000,
      at: null,
      below: 'code',
      above: 'code',
      tried: [1, 32, 1000, 3000],
    });
  });

  test('looks below first: the flip that is there is told, and nothing larger is tried', () => {
    const twice: World = (size) => ({
      classic: { cost: 40 },
      code: { cost: size < 20 || size > 2000 ? 99 : 9 },
    });
    const found = search(twice, 1000);
    expect(found).toMatchObject({ below: 'classic', above: 'code' });
    expect(Math.max(...(found?.tried ?? []))).toBe(1000);
  });

  test('takes a size at which the cheaper side stops fitting its window for a flip', () => {
    const window: World = (size) => ({ classic: { cost: 1, fits: size < 300 }, code: { cost: 2 } });
    const found = search(window, 1000);
    expect(found).toMatchObject({ below: 'classic', above: 'code', turns: 'window' });
    const [left = 0, right = 0] = found?.between ?? [];
    expect([left < 300, right >= 300]).toEqual([true, true]);
  });

  test('prefers who is right to who is cheap, and knows sizes at which neither is', () => {
    const wrong: World = (size) => ({
      classic: { cost: 1, correct: size > 500 ? 0 : 1 },
      code: { cost: 2, correct: size > 1500 ? 0 : 1 },
    });
    expect(search(wrong, 1000)).toMatchObject({ below: 'classic', above: 'code', turns: 'correctness' });
    expect(search(wrong, 1400, { ...axis, from: 600 })).toMatchObject({ below: 'code', above: 'neither' });
  });

  test('ends between neighbouring whole numbers at the one from which the other side leads', () => {
    const found = search((size) => ({ classic: { cost: size }, code: { cost: 2.5 } }), 4);
    expect(found).toMatchObject({ at: 3, between: [2, 3] });
  });

  test('says nothing where no other number can be tried', () => {
    expect(search(linear, 5, { ...axis, from: 5, to: 5 })).toBeUndefined();
  });

  test('says nothing where there are no prices', () => {
    const unpriced = { ...point(5, linear) };
    unpriced.results = unpriced.results.map((result) => ({ ...result, costUsd: null }));
    expect(findLeads([unpriced], axis, compared, 'cost')).toEqual([]);
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
