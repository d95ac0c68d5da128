import { expect, test } from 'vitest';
import { verdictOf } from '../../harness/run/testing/verdict.ts';
import { toLadder } from './ladder.ts';

const variants = ['classic', 'code', 'code-blind'].map((name) => ({
  name,
  description: `${name}, in words.`,
}));

function ladderOf(scenario: string, figures: Record<string, number | undefined>) {
  const rows = Object.entries(figures).map(([variant, ratio]) => ({
    variant,
    correct: ratio === undefined ? 0 : 1,
    value: ratio ?? 0.001,
    ratio: ratio ?? 0.001,
  }));
  const right = rows.filter(({ correct }) => correct === 1).sort((a, b) => a.value - b.value);
  const ladder = { reference: 'classic', best: right[0]?.variant ?? 'classic', rows };
  return verdictOf('code', { scenario, ladder });
}

test('the ladder counts right and cheapest, and its median and range are those of right answers', () => {
  const text = toLadder(
    [
      ladderOf('one', { classic: 1, code: 0.5, 'code-blind': undefined }),
      ladderOf('two', { classic: 1, code: 2, 'code-blind': 0.25 }),
      ladderOf('three', { classic: 1, code: 0.8, 'code-blind': 0.95 }),
      verdictOf('code', { scenario: 'unplayed' }),
    ],
    variants,
  );
  const rows = text.split('\n').map((line) => line.split('|').map((each) => each.trim()));
  const rowOf = (name: string, at: number) => rows.filter((cells) => cells[1] === name)[at]?.slice(2, -1);
  expect(rowOf('code', 0)).toEqual(['code, in words.', '3 of 3', '2', '0.80', '0.500 to 2.00']);
  expect(rowOf('code-blind', 0)).toEqual(['code-blind, in words.', '2 of 3', '1', '0.60', '0.250 to 0.950']);
  expect(rowOf('one', 0)).toEqual(['1.00', '◂ 0.50', '–']);
  expect(rowOf('two', 0)).toEqual(['1.00', '2.00', '◂ 0.25']);
  expect(text).not.toContain('unplayed');
});
