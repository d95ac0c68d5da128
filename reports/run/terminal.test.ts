import { describe, expect, test } from 'vitest';
import { project } from '../../harness/analysis/project.ts';
import { type Result, type Summary, summaryFormat, type Verdict } from '../../harness/results/summary.ts';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { sideOf, verdictOf } from '../../harness/run/testing/verdict.ts';
import { screenOf, widthOf } from '../text/terminal.ts';
import { toTerminal } from './terminal.ts';
import { toMarkdown } from './view.ts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `workflow-number-${index + 1}`);

function resultsOf(scenario: string, more: Partial<Result> = {}): Result[] {
  const { tokens: _, ...rest } = more;
  const given = { scenario, evidence: 'scripted' as const, ...rest };
  return [
    trialResult(1, { ...given, variant: 'classic', pattern: 'classic' }).result,
    trialResult(1, { ...given, variant: 'code-typed', pattern: 'code' }).result,
  ];
}

const decided = (scenario: string, more: Partial<Verdict> = {}): Verdict =>
  verdictOf('code', {
    scenario,
    reason: 'Use code-typed: classic costs 13 times as much (12.7 to 14.3). Both were right.',
    because: { kind: 'cheaper', side: 'code' },
    sides: { classic: sideOf('classic', { value: 0.3163 }), code: sideOf('code-typed', { value: 0.0247 }) },
    ratio: { value: 1 / 12.8, low: 1 / 14.3, high: 1 / 12.7 },
    flips: {
      assumptions: [{ assume: 'uncached', pattern: 'classic', ratio: { value: 1.5, low: 1.4, high: 1.6 } }],
      bytesPerResult: {
        now: 500,
        bands: [
          { from: 0, to: 4100, pattern: 'code' },
          { from: 4100, to: null, pattern: 'classic' },
        ],
      },
      slack: [{ side: 'code', mistake: 'failedProgram', each: 0.004, most: 27 }],
    },
    ...more,
  });

function summaryOf(scenarios: readonly string[], more: Partial<Summary> = {}): Summary {
  const results = scenarios.flatMap((name) => resultsOf(name));
  return {
    format: summaryFormat,
    status: 'complete',
    evidence: 'scripted',
    model: 'claude-sonnet-5',
    latencyProfile: 'default',
    seed: 1,
    tokenCounts: {
      method: 'm',
      label: 'estimated',
      assumed: [],
      toolUseSystemTokens: { tokens: 1, documented: true },
    },
    prices: { asOf: '2026-09-24', currency: 'USD' },
    planned: results.length,
    results,
    verdicts: scenarios.map((name) => decided(name)),
    ...more,
  };
}

const next = 'In full: patternbench report out --details';
const show = (summary: Summary, { details = false, columns = 80, colour = false } = {}) =>
  toTerminal(summary, screenOf(columns, colour), { details, next: [next] });
const linesOf = (text: string) => text.trimEnd().split('\n');

describe('a run on a terminal', () => {
  test('takes one line a workflow, and 30 lines at 80 columns for the eight of a default run', () => {
    const lines = linesOf(show(summaryOf(names(8))));
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => /^ {2}workflow-number-\d /.test(line))).toHaveLength(8);
    expect(lines[2]).toBe('  workflow-number-1  ◆ code-typed   $0.316  $0.0247  13x 12.7-14.3    both');
  });

  test('says how many notes it left out, and where all of it is', () => {
    const text = show(summaryOf(names(8)));
    expect(text).toMatch(/… and \d more/);
    expect(text).toContain(next);
  });

  test('keeps a line for each workflow of a suite of forty', () => {
    const lines = linesOf(show(summaryOf(names(40))));
    expect(lines.filter((line) => /^ {2}workflow-number-\d+ +◆/.test(line))).toHaveLength(40);
    expect(lines.length).toBeLessThan(65);
  });

  test('shows both ends of names that do not fit, and leaves out what the costs say too', () => {
    const long = ['newsletter-from-the-oldest-segments', 'newsletter-from-the-newest-segments'];
    const lines = linesOf(show(summaryOf(long)));
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
    expect(lines[1]).toMatch(/the other costs$/);
    expect(lines[2]).toMatch(/^ {2}newsletter-from-…west-segments|^ {2}newsletter-fro\S*…\S*est-segments /);
    expect(linesOf(show(summaryOf(names(2))))[1]).toMatch(/right$/);
  });

  test('ends with the answer, and says that nothing was spent', () => {
    const text = show(summaryOf(names(2)));
    expect(text).toContain('nothing was spent');
    expect(linesOf(text).at(-2)).toBe('  Use code for 2 of 2 workflows. All 4 answers were right.');
  });

  test('says of a run of which nothing has ended no more than that', () => {
    const text = show(summaryOf([], { status: 'partial', planned: 4, results: [], verdicts: [] }));
    expect(text).toContain('No trial was answered.');
    expect(text).not.toContain('right.');
  });

  test('names a side without a right answer, and why', () => {
    const [bad = '', good = ''] = names(2);
    const results = [
      ...resultsOf(bad, { status: 'context_overflow', correct: 0, reason: 'It did\nnot\u001b fit.' }),
      ...resultsOf(good),
    ];
    const sides = { classic: sideOf('classic', { right: 0, share: 0 }), code: sideOf('code-typed') };
    const verdicts = [decided(bad, { sides }), decided(good)];
    const text = show(summaryOf([bad, good], { results, verdicts }));
    expect(text).toMatch(/workflow-number-1 .* no answer .* code$/m);
    expect(text).toContain('Not right');
    expect(text).toContain('classic, code-typed: It did not\\u{1b} fit.');
    expect(text).toContain('2 of 4 answers were right.');
  });

  test('says once why several variants were not right', () => {
    const reason = `It threw: ${'a long message '.repeat(12)}.`;
    const results = resultsOf('mine', { correct: 0, reason });
    const text = show(summaryOf(['mine'], { results }));
    expect(text.match(/Not right/g)).toHaveLength(1);
    expect(text).toContain('classic, code-typed: It threw');
    expect(linesOf(text).length).toBeLessThanOrEqual(22);
  });

  test('breaks no command that comes next', () => {
    const report = 'In full: patternbench report runs/2026-11-27T19-41-07-580Z --details';
    const text = toTerminal(summaryOf(['mine']), screenOf(80, false), {
      details: false,
      next: [report, 'As a page: --html FILE'],
    });
    expect(linesOf(text).slice(-2)).toEqual([`  ${report}`, '  As a page: --html FILE']);
  });

  test('says what keeps a verdict from being one', () => {
    const verdicts = [
      verdictOf('insufficient', {
        scenario: 'a',
        reason: 'No answer yet: too few trials.',
        because: { kind: 'few', usable: 2 },
        ratio: null,
      }),
      decided('b'),
    ];
    const text = show(summaryOf(['a', 'b'], { verdicts }));
    expect(text).toMatch(/^ {2}a +\? unclear/m);
    expect(text).toMatch(/No answer yet\n {4}a: too few trials\./);
  });

  test('is the same without colour as with it', () => {
    const coloured = show(summaryOf(names(3)), { colour: true });
    expect(coloured).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(show(summaryOf(names(3))));
  });
});

describe('one workflow on a terminal', () => {
  test('has its figures, why, what it holds under and what changes it, in 20 lines', () => {
    const text = show(summaryOf(['scene']));
    const lines = linesOf(text);
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
    expect(text).toMatch(/○ classic +◆ code-typed/);
    expect(text).toMatch(/^ {2}Holds {7}with up to 27 failed programs a run/m);
    expect(text).toMatch(/^ {2}Changes {5}without caching/m);
    expect(lines.at(-3)).toContain('Use code-typed: classic costs 13 times as much');
  });

  test('keeps to 20 lines however much there is to say, with what matters most', () => {
    const reason = 'It answered with a list that has twice as many entries as there are. '.repeat(8);
    const params = Object.fromEntries(names(6).map((name) => [name, 'a long value']));
    const results = resultsOf('scene', {
      params,
      correct: 0,
      reason,
      canaries: { returned: 412, reached: 9, bytes: 98 },
    });
    const assumptions = (['uncached', 'warm', 'oneCall'] as const).map((assume) => ({
      assume,
      pattern: 'classic' as const,
      ratio: { value: 1.5, low: 1.4, high: 1.6 },
    }));
    const flips = { ...decided('scene').flips, assumptions };
    const verdict = decided('scene', {
      params,
      reason: `Use code: ${'for many reasons '.repeat(40)}`,
      flips,
    });
    const summary = summaryOf(['scene'], { results, verdicts: [verdict] });
    const text = toTerminal(summary, screenOf(80, false), {
      details: false,
      next: [`In full: patternbench report ${'long/'.repeat(6)} --details`, 'As a page: --html FILE'],
    });
    expect(linesOf(text).length).toBeLessThanOrEqual(20);
    for (const label of ['Not right', 'Changes', 'Use code', 'As a page'])
      expect(text).toContain(`  ${label}`);
  });

  test('has a row for what no model need see, within the same lines', () => {
    const canaries = { returned: 412, reached: 9, bytes: 98 };
    const text = show(summaryOf(['scene'], { results: resultsOf('scene', { canaries }) }));
    expect(text).toMatch(/^ {2}canaries shown +9 of 412 +9 of 412$/m);
    expect(linesOf(text).length).toBeLessThanOrEqual(20);
    expect(show(summaryOf(['scene']))).not.toContain('canaries');
  });

  test('says what a month costs, a tenant and all, where the scenario assumes how often it is done', () => {
    const workload = { runs: 160, tenants: 40, because: 'each site four times' };
    const verdicts = [decided('scene', { workload })];
    const summary = summaryOf(['scene'], { verdicts });
    // Both sides of these results cost $0.01 a run.
    expect(show(summary).replace(/\s+/g, ' ')).toContain(
      'A month classic $1.60 ($0.0400 a tenant), code-typed $1.60 ($0.0400 a tenant); 160 runs of 40 tenants, assumed: each site four times',
    );
    const configured = project(summary, { runs: 7, tenants: 1, cacheShare: undefined });
    const text = toTerminal(summary, screenOf(80, false), {
      details: false,
      next: [next],
      workload: configured,
    });
    expect(text).toContain('7 runs a month');
    expect(text).not.toContain('160 runs');
    expect(toMarkdown(summary)).toContain('A month: classic $1.60');
    const inMarkdown = toMarkdown(summary, configured);
    expect(inMarkdown).toMatch(/## 7 runs a month, 1 tenant\n\n- scene: classic \$0\.0700/);
    expect(inMarkdown).not.toContain('160 runs');
    const several = summaryOf(['scene', 'other'], { verdicts: [...verdicts, decided('other')] });
    expect(show(several)).toMatch(/A month\n {4}scene: classic \$1\.60/);
  });

  test('has no figures of what was not measured', () => {
    const lost = { status: 'infrastructure_error' as const, correct: null, reason: 'The server crashed.' };
    const text = show(summaryOf(['scene'], { results: resultsOf('scene', lost) }));
    expect(text).toContain('No result   classic, code-typed not measured: The server crashed.');
    expect(text).not.toContain('round trips');
  });

  test('has the whole bill with details', () => {
    const text = show(summaryOf(['scene']), { details: true });
    expect(text).toContain('tool definitions up front');
    expect(text).toContain('Evidence: scripted, seed 1.');
    expect(Math.max(...linesOf(text).map(widthOf))).toBeLessThanOrEqual(80);
  });

  test('fits a narrow screen', () => {
    const lines = linesOf(show(summaryOf(['scene']), { columns: 50 }));
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(50);
  });
});

test('what a trial met without ending is said, such as calls that were sent again with input', () => {
  const summary = summaryOf(['one'], {
    results: resultsOf('one', { sentAgain: { input: 2 } }),
  });
  expect(show(summary)).toContain('tool calls sent again: 2 (2 input)');
});
