import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { guideFile, type LiveRun, rowOf, simulate } from './shards-table.ts';

/** A run whose limits are far away: a machine sends 120 requests a minute. */
const free: LiveRun = {
  ...{ trials: 2_000, requestsPerTrial: 6, seconds: 4, tokens: 5_000, atOnce: 8, retries: 6 },
  ...{ requestLimit: 1e9, tokenLimit: 1e12 },
};

test('without limits, machines share the work evenly', () => {
  for (const machines of [1, 4]) {
    const { hours, refused, lost } = simulate(free, machines);
    const expected = (2_000 * 6 * 4) / (8 * machines) / 3_600;
    expect(hours / expected).toBeGreaterThan(0.98);
    expect(hours / expected).toBeLessThan(1.05);
    expect([refused, lost]).toEqual([0, 0]);
  }
});

test.each([
  ['tokens', { tokenLimit: 300_000 }, (2_000 * 6 * 5_000 - 300_000) / 300_000 / 60],
  ['requests', { requestLimit: 60 }, (2_000 * 6 - 60) / 60 / 60],
])('a limit of %s is never passed, however patient and many the workers are', (_, limit, least) => {
  const { hours, refused, lost } = simulate({ ...free, ...limit, retries: 1_000 }, 4);
  expect(hours).toBeGreaterThan(least * 0.98);
  expect(refused).toBeGreaterThan(0.2);
  expect(lost).toBe(0);
});

test('impatient workers over a limit lose trials, and the same seed gives the same figures', () => {
  const over = { ...free, tokenLimit: 300_000 };
  expect(simulate(over, 4).lost).toBeGreaterThan(0);
  expect(simulate({ ...over, retries: 20 }, 4).lost).toBeLessThan(simulate(over, 4).lost);
  expect(simulate(over, 4)).toEqual(simulate(over, 4));
});

test('the guide says what the simulation finds', () => {
  const rows = readFileSync(guideFile, 'utf8').split('\n');
  for (const machines of [3, 4]) {
    const found = rowOf(machines);
    expect(
      rows.map((row) =>
        row
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, -1),
      ),
    ).toContainEqual(found);
  }
});
