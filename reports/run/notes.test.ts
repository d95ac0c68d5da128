import { expect, test } from 'vitest';
import type { Summary } from '../../harness/results/summary.ts';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { describeMethod } from './notes.ts';
import { canaryTable, faultTable } from './tables.ts';

/** What is said of a run with this. */
function methodOf(more: Partial<Summary>): string[] {
  return describeMethod({
    evidence: 'scripted',
    model: 'model',
    latencyProfile: 'default',
    seed: 1,
    tokenCounts: {
      method: 'estimate',
      label: 'estimated',
      assumed: [],
      toolUseSystemTokens: { tokens: 1, documented: true },
    },
    prices: { asOf: '2026-01-01', currency: 'USD' },
    results: [],
    ...more,
  } as unknown as Summary);
}

/** What is said of a run whose direct calls were asked for so. */
function notesOn(schedule: NonNullable<Summary['results'][number]['schedule']>): string[] {
  const notes = methodOf({ results: [trialResult(1, { schedule }).result] });
  return notes.filter((note) => note.startsWith('scene, classic: '));
}

test('what was added to the world of the workflows is told, and nothing where that is nothing', () => {
  const told = (conditions?: Summary['conditions']) =>
    methodOf({ ...(conditions && { conditions }) }).filter((note) => note.startsWith('Distractors'));
  expect(told()).toEqual([]);
  expect(told({ distractors: 1_000 })).toEqual([
    'Distractors: 1,000 tools of other servers, named much like those of the workflow.',
  ]);
});

test.each([
  [2, 'exceptions', 'makes a failed call again at once, up to twice, in each pattern', 'by exceptions'],
  [0, 'values', 'gives a failed call up at once', 'by values { error }'],
] as const)('how failed calls are dealt with is part of the method: %i, %s', (retries, errors, ...words) => {
  const faults = { rates: { error: 0.1, cut: 0.1 / 7 }, retries, delayMs: 100, errors };
  const told = methodOf({ conditions: { faults } }).find((note) => note.startsWith('Faults:'));
  expect(told).toContain('Faults: error 10 %, cut 1.4 %, the same for the same call in every variant.');
  for (const each of words) expect(told).toContain(each);
});

test('what no model need see is reported by variant, and not at all where nothing is declared', () => {
  const result = (variant: string, reached: number, bytes: number) =>
    trialResult(1, { variant, canaries: { returned: 412, reached, bytes } }).result;
  expect(canaryTable([trialResult(1).result]).rows).toEqual([]);
  expect(canaryTable([result('classic', 412, 9_800), result('code', 0, 0)]).rows).toEqual([
    ['classic', '412', '412', '9.8 kB'],
    ['code', '412', '0', '0 B'],
  ]);
});

test('faults are reported by variant, and not at all in a run without', () => {
  const result = (variant: string, silent: number) =>
    trialResult(1, {
      variant,
      correct: 1 - silent,
      faults: { met: { busy: 2, cut: 1 }, retried: 2, gaveUp: 0, wroteTwice: 1, silent },
    }).result;
  expect(faultTable([trialResult(1).result]).rows).toEqual([]);
  expect(faultTable([result('classic', 0), result('code', 1)]).rows).toEqual([
    ['classic', '3 (2 busy, 1 cut)', '2', '0', '1', 'yes', '0 %'],
    ['code', '3 (2 busy, 1 cut)', '2', '0', '1', 'no', '100 %'],
  ]);
});

test('a schedule that was left is told with the place and the reason, one that was kept is not', () => {
  expect(notesOn({ played: 'ahead' })).toEqual([]);
  expect(
    notesOn({
      played: 'pinned',
      reason: 'files.read answers otherwise before a write',
      left: { calls: 1_204, because: 'it takes too long' },
    }),
  ).toEqual([
    'scene, classic: some reads are asked for only after the writes before them, because files.read answers otherwise before a write.',
    'scene, classic: after 1,204 calls they are asked for as the program is written, because it takes too long.',
  ]);
});
