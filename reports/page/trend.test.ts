import { expect, test } from 'vitest';
import { unbalanced } from '../testing/markup.ts';
import { describePage, type RunFiles } from './page.ts';
import { classicTurns, codeTurns, makeRun, makeTrial } from './testing/run-files.ts';
import { startState } from './view/state.ts';
import { drawWorkflow } from './view/workflow.ts';
import type { StoredRun } from './workflow.ts';

/** A run of one workflow with so many calls. */
function runOf(calls: number): RunFiles {
  return makeRun([
    makeTrial({ scenario: 'lookup', variant: 'classic', pattern: 'classic' }, classicTurns(calls)),
    makeTrial({ scenario: 'lookup', variant: 'code', pattern: 'code' }, codeTurns(calls)),
  ]);
}

/** The same as it was stored on a day, with what its verdict compares given. */
function storedOn(day: number, values: { classic: number; code: number; share?: number }): StoredRun {
  const { summary } = runOf(4);
  const [verdict] = summary.verdicts;
  if (!verdict) throw new Error('The run has no verdict.');
  const { classic, code } = verdict.sides;
  if (!classic || !code) throw new Error('The verdict has no sides.');
  const sides = {
    classic: { ...classic, value: values.classic },
    code: { ...code, value: values.code, share: values.share ?? 1 },
  };
  const pattern = values.code < values.classic ? ('code' as const) : ('classic' as const);
  return {
    startedAt: `2026-11-${String(day).padStart(2, '0')}T08:00:00.000Z`,
    summary: { ...summary, verdicts: [{ ...verdict, pattern, sides }] },
  };
}

const first = storedOn(1, { classic: 0.01, code: 0.02 });
const second = storedOn(2, { classic: 0.03, code: 0.02, share: 0.5 });
const trendOf = (stored: StoredRun[]) => describePage(runOf(4), { stored }).workflows[0]?.trend;

test('a trend has the best of each pattern run by run, the oldest first, and this run', () => {
  const trend = trendOf([second, first]);
  expect(trend?.names).toEqual(['2026-11-01 08:00', '2026-11-02 08:00', '2026-11-27 12:00']);
  expect([trend?.now, trend?.leftOut]).toEqual([3, 0]);
  expect(trend?.tried.slice(0, 2)).toEqual([
    { at: 1, advice: 'classic' },
    { at: 2, advice: 'code' },
  ]);
  const [classic, code] = trend?.lines ?? [];
  expect(classic?.points.slice(0, 2).map(({ value }) => value)).toEqual([0.01, 0.03]);
  expect(code?.points.slice(0, 2).map(({ ok }) => ok)).toEqual([true, false]);
});

test('runs that are not comparable are left out and counted, and this run stands in it once', () => {
  const { summary } = first;
  const others: StoredRun[] = [
    { startedAt: '2026-11-03', summary: { ...summary, model: 'another' } },
    { startedAt: '2026-11-04', summary: { ...summary, evidence: 'live' } },
    {
      startedAt: '2026-11-05',
      summary: {
        ...summary,
        verdicts: summary.verdicts.map((each) => ({ ...each, params: { contacts: 9 } })),
      },
    },
    {
      startedAt: '2026-11-06',
      summary: { ...summary, verdicts: summary.verdicts.map((each) => ({ ...each, by: 'tokens' })) },
    },
    { startedAt: '2026-11-07', summary: { ...summary, verdicts: [] } },
  ];
  const again = { startedAt: '2026-11-27T12:00:00.000Z', summary };
  expect(trendOf([first, again, ...others])).toMatchObject({
    names: ['2026-11-01 08:00', '2026-11-27 12:00'],
    leftOut: 4,
  });
  expect(trendOf(others)).toBeUndefined();
  expect(trendOf([again])).toBeUndefined();
});

test('the page draws a trend with a mark for each run, and says what was left out', () => {
  const data = describePage(runOf(4), {
    stored: [first, second, { ...first, startedAt: '2026-11-03', summary: { ...first.summary, model: 'x' } }],
  });
  const [workflow] = data.workflows;
  if (!workflow) throw new Error('The page has no workflow.');
  for (const width of [400, 1100]) {
    const { text } = drawWorkflow(workflow, data, startState(), width);
    expect(unbalanced(text)).toEqual([]);
    expect(text).toContain('<h2>Over 3 runs</h2>');
    expect(text).toContain('1 stored run of another model, measure, size or kind of evidence is left out.');
    expect(text).toContain('<title>classic, 2026-11-01 08:00: $0.0100</title>');
    expect(text).toContain('code, 2026-11-02 08:00: $0.0200, right too seldom');
    expect(text).not.toContain('NaN');
    // A label takes some 7 pixels a character, and is not cut off.
    const [, at] = /<text class="ax strong" x="([\d.]+)"[^>]*>2026-11-27/.exec(text) ?? [];
    expect(Number(at) + 7 * 8).toBeLessThanOrEqual(width);
  }
});
