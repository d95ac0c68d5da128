import { describe, expect, test } from 'vitest';
import { decide } from '../../harness/analysis/verdict/decide.ts';
import { between, trialsOf } from '../../harness/analysis/verdict/testing/draw.ts';
import type { Result } from '../../harness/results/summary.ts';
import type { Verdict } from '../../harness/results/verdict.ts';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { verdictOf } from '../../harness/run/testing/verdict.ts';
import { sayVerdict } from './verdict.ts';

const varying = (count: number, right: number, value: number) =>
  trialsOf(count, right, value, (repeat) => 1 + 0.1 * (((repeat * 7) % 5) - 2));

/** What is said of trials of which so many were right, at these costs. */
function say(
  classic: [number, number, number],
  code: [number, number, number],
  more: Partial<Verdict> = {},
): string {
  const found = decide(between(varying(...classic), varying(...code)));
  return sayVerdict(verdictOf(found.pattern, { ...found, basis: 'sampled', ...more }), []);
}

describe('a verdict in words', () => {
  test.each([
    [
      [20, 20, 0.3],
      [20, 19, 0.01],
      'Use code: classic costs 30 times as much (27.3 to 32.9), $0.300 against $0.0100 a run. code was right in 19 of 20 trials, classic in 20 of 20. A right answer costs $0.300 with classic, $0.0105 with code.',
    ],
    [
      [10, 10, 0.3],
      [10, 8, 0.03],
      'Use code, though code may be right less often (about 39 trials of each would tell): classic costs 10 times as much',
    ],
    [
      [10, 10, 0.3],
      [10, 7, 0.03],
      'No answer yet: code was right in 7 of 10 trials, classic in 10 of 10. For cost alone: classic costs 10 times as much',
    ],
    [
      [10, 10, 0.3],
      [10, 5, 0.03],
      'Use classic: code was right in only 5 of 10 trials, under your floor of 80 %',
    ],
    [
      [20, 4, 0.3],
      [20, 2, 0.03],
      'Use neither: classic was right in 4 of 20 and code was right in 2 of 20 trials, under your floor of 80 %.',
    ],
    [[10, 10, 0.3], [10, 10, 0.3], 'Too close to call: code costs 1.00 times as much'],
    [[50, 50, 0.3], [50, 50, 0.3], 'Use either: code costs 1.00 times as much'],
    [
      [2, 2, 0.3],
      [2, 2, 0.1],
      'Too few trials: 2 of each can be compared. About 3 trials of each would tell.',
    ],
    [[80, 66, 0.3], [80, 79, 0.4], 'Use code: it was right in 79 of 80 trials, classic in 66 of 80.'],
  ] as [[number, number, number], [number, number, number], string][])(
    '%j against %j',
    (classic, code, words) => {
      expect(say(classic, code)).toContain(words);
    },
  );

  test('names the measure that it weighs by', () => {
    expect(say([9, 9, 30], [9, 9, 3], { by: 'latency' })).toContain('classic takes 10 times as long');
    expect(say([9, 9, 30], [9, 9, 3], { by: 'tokens' })).toContain(
      'classic is billed 10 times as many tokens',
    );
  });

  test('says why a computed answer was not right', () => {
    const results: Result[] = [
      trialResult(1, { variant: 'classic', status: 'context_overflow', correct: 0 }).result,
      trialResult(1, { variant: 'code', pattern: 'code', correct: 0 }).result,
    ];
    const because = (...sides: ('classic' | 'code')[]) => ({ kind: 'under_floor' as const, sides });
    expect(sayVerdict(verdictOf('neither', { because: because('classic', 'code') }), results)).toBe(
      'Use neither: classic did not fit the context window and code answered wrongly.',
    );
    expect(sayVerdict(verdictOf('code', { because: because('classic') }), results)).toContain(
      'Use code: it was right, while classic did not fit the context window.',
    );
  });

  test('names both patterns where neither was measured, and one where only that was not', () => {
    const lost = { status: 'infrastructure_error', correct: null } as const;
    const results = (...classic: object[]): Result[] => [
      ...classic.map((more) => trialResult(1, { ...lost, ...more }).result),
      trialResult(1, { ...lost, variant: 'code', pattern: 'code' }).result,
    ];
    const because = { kind: 'not_measured', side: 'classic', fault: 'infrastructure' } as const;
    const both = sayVerdict(verdictOf('insufficient', { because }), results({}));
    expect(both).toContain('No answer: infrastructure ended the classic and code trials.');
    const code = { ...because, side: 'code' } as const;
    const measured = results({}, { status: 'completed', correct: 1, variant: 'classic-search' });
    expect(sayVerdict(verdictOf('insufficient', { because: code }), measured)).toContain(
      'No answer: infrastructure ended the code trials.',
    );
  });

  test('names the call that makes the trials incomparable, and what to do', () => {
    const call = {
      server: 'crm',
      tool: 'list',
      occurrence: 1,
      variants: ['classic', 'code'] as [string, string],
      difference: '3 and 4 bytes',
    };
    const words = sayVerdict(
      verdictOf('insufficient', { because: { kind: 'unequal_work', calls: [call, call] } }),
      [],
    );
    expect(words).toContain(
      'crm.list gave different results for the same arguments in classic and code: 3 and 4 bytes.',
    );
    expect(words).toContain('Each trial must start from the same state');
  });

  test('tells that it depends on how tokens are counted', () => {
    const fill = { variant: 'classic', filled: 1.02, uncertainty: 0.04, hangs: true };
    const flips = { assumptions: [], window: [fill] };
    expect(sayVerdict(verdictOf('code', { flips }), [])).toContain(
      'the largest request of classic takes 102 % of the context window, and its count may be off by 4 %.',
    );
  });
});
