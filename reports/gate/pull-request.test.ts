import { expect, test } from 'vitest';
import { collect } from '../../harness/analysis/gate/baseline.ts';
import { compare } from '../../harness/analysis/gate/compare-runs.ts';
import { classicTurns, codeTurns, makeRun, makeTrial } from '../page/testing/run-files.ts';
import { toPullRequest } from './pull-request.ts';

/** A run of so many workflows, each with so many calls; names begin so. */
function runOf(workflows: number, calls: (at: number) => number, name = 'flow') {
  const trials = Array.from({ length: workflows }, (_, at) => [
    makeTrial({ scenario: `${name}-${at}`, variant: 'classic', pattern: 'classic' }, classicTurns(calls(at))),
    makeTrial({ scenario: `${name}-${at}`, variant: 'code', pattern: 'code' }, codeTurns(calls(at))),
  ]).flat();
  const { summary, record, trials: ended } = makeRun(trials);
  return collect({ summary, run: record, tools: [], trials: [...ended] });
}

test('a comment names the workflows that changed, and no others', () => {
  const text = toPullRequest(
    compare(
      runOf(3, () => 4),
      runOf(3, (at) => (at === 1 ? 9 : 4)),
    ),
  );
  expect(text).toMatch(/^### 1 of 3 workflows changed\n/);
  expect(text).toMatch(/^\| flow-1\s*\| code\s*\|\s*\$0\.\d+ → \$0\.\d+ \|\s*\$0\.\d+ \|$/m);
  expect(text).toMatch(/^- \*\*flow-1\*\*: classic costs \+\$0\.\d+, \+\d+ %;/m);
  expect(text).not.toMatch(/flow-0|flow-2/);
  expect(text).toContain('<details>');
});

test('a comment says that nothing changed', () => {
  const run = runOf(2, () => 4);
  expect(toPullRequest(compare(run, run))).toBe('### No workflow changed\n');
});

test('a comment has under 60 lines whichever runs are compared, counts what it leaves out, and escapes names', () => {
  const text = toPullRequest(
    compare(
      runOf(30, () => 2, '<b>|flow'),
      runOf(30, () => 40, '<b>|flow'),
    ),
  );
  expect(text.split('\n').length).toBeLessThan(60);
  expect(text).toContain('18 more changed');
  expect(text).not.toMatch(/<b>|[^\\]\|flow/);
});

test('a comment says nothing of costs where prices differ, nor of verdicts that were weighed otherwise', () => {
  const [before, after] = [runOf(1, () => 4), runOf(1, () => 4)];
  for (const { variants } of after.scenarios) {
    for (const { figures } of variants) figures.costCached = (figures.costCached ?? 0) * 2;
  }
  const repriced = { ...after, model: { ...after.model, prices: 'others' } };
  const text = toPullRequest(compare(before, repriced));
  expect(text).toMatch(/^### No workflow changed\n\n- Costs are not comparable: /);
  expect(text).not.toContain('$');

  const [flow] = after.scenarios;
  const reweighed = {
    ...before,
    settings: { ...before.settings, margin: before.settings.margin * 2 },
    scenarios: before.scenarios.map((scenario) => ({ ...scenario, verdict: `not ${flow?.verdict}` })),
  };
  const other = toPullRequest(compare(before, reweighed as typeof before));
  expect(other).toMatch(/^### No workflow changed\n\n- Verdicts are not comparable: /);
});
