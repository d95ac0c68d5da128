import { expect, test } from 'vitest';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { ladderTable } from './tables.ts';

test('the ladder shows the costs that its ratios are made of, the cheaper of both bills', () => {
  const results = [
    trialResult(1, { variant: 'classic', costUsd: { cached: 0.02, uncached: 0.04 } }).result,
    trialResult(1, { variant: 'code', pattern: 'code', costUsd: { cached: 0.05, uncached: 0.03 } }).result,
  ];
  const { headings, rows } = ladderTable(results, {
    reference: 'classic',
    best: 'classic',
    rows: [
      { variant: 'classic', correct: 1, value: 0.02, ratio: 1 },
      { variant: 'code', correct: 1, value: 0.03, ratio: 1.5 },
    ],
  });
  const at = headings.indexOf('cost');
  expect(rows.map((row) => row[at])).toEqual(['$0.0200', '$0.0300']);
  expect(rows[1]?.at(-1)).toBe('× 1.50');
});
