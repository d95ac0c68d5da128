import { expect, test } from 'vitest';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { approvalsTable, ladderTable } from './tables.ts';

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

const asked = { per: 'program', by: 'script', asked: 1, refused: 0, calls: 12, waitMs: 10_000 } as const;
const { result } = trialResult(1, { variant: 'code' });

test('a line for each variant says what was asked, what each approval covers, and what waiting adds', () => {
  const table = approvalsTable([
    { ...result, approvals: { ...asked, measured: { waitMs: 0 } } },
    {
      ...result,
      variant: 'classic',
      approvals: { ...asked, asked: 12, refused: 2, measured: { waitMs: 0 } },
    },
    {
      ...result,
      variant: 'hybrid',
      approvals: { ...asked, by: 'person', waitMs: 0, measured: { waitMs: 3_000 } },
    },
  ]);
  expect(table.rows).toEqual([
    ['code', 'a program', '1', '12', '10 s assumed', '$0.0100', '11 s'],
    ['classic', 'a program', '12 (2 refused)', '1.2', '10 s assumed', '$0.0100', '11 s'],
    ['hybrid', 'a program', '1', '12', '3.0 s measured', '$0.0100', '4.0 s'],
  ]);
});

test('nothing is said of approvals where none were needed', () => {
  expect(approvalsTable([result]).rows).toEqual([]);
});
