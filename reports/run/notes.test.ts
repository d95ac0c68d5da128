import { expect, test } from 'vitest';
import type { Summary } from '../../harness/results/summary.ts';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { describeMethod } from './notes.ts';

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
