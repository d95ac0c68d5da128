import { expect, test } from 'vitest';
import { collect } from '../../harness/analysis/gate/baseline.ts';
import { compare } from '../../harness/analysis/gate/compare-runs.ts';
import { judge } from '../../harness/analysis/gate/gate.ts';
import { defaultPolicy } from '../../harness/analysis/gate/gate-policy.ts';
import { classicTurns, codeTurns, makeRun, makeTrial } from '../page/testing/run-files.ts';
import { toGateComment, toPullRequest } from './pull-request.ts';

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

test('where only costs changed, no table of other figures is folded away', () => {
  const [before, after] = [runOf(1, () => 4), runOf(1, () => 4)];
  for (const { variants } of after.scenarios) {
    for (const { figures } of variants) figures.costCached = (figures.costCached ?? 0) * 2;
  }
  const text = toPullRequest(compare(before, after));
  expect(text).toMatch(/^### 1 of 1 workflows changed/);
  expect(text).not.toContain('<details>');
});

/** The comment of a gate that held a run against a baseline, and what it was made of. */
function gateComment(before: ReturnType<typeof runOf>, after: ReturnType<typeof runOf>) {
  const comparison = compare(before, after);
  // These runs recorded no tools.
  const policy = { ...defaultPolicy, toolSurface: 'off' as const };
  const decision = { ...judge(comparison, policy, { incomplete: [] }), next: 'To accept it:\n  do this' };
  return { decision, text: toGateComment(decision, comparison) };
}

test("a gate's comment begins with the decision, and names what fails it and what changed", () => {
  const { decision, text } = gateComment(
    runOf(2, () => 4),
    runOf(2, (at) => (at === 1 ? 9 : 4)),
  );
  expect(decision.outcome).toBe('fail');
  expect(text).toMatch(/^### Gate failed: flow-1: /);
  expect(text).toContain(`- **${decision.problems[0]?.title}**: `);
  expect(text).toMatch(/^\| flow-1\s*\| code/m);
  expect(text).toContain('```text\nTo accept it:\n  do this\n```');
  expect(text).not.toContain('flow-0');
});

test("a gate's comment has under 60 lines however much changed, and counts what it leaves out", () => {
  const { text } = gateComment(
    runOf(30, () => 2, '<b>|flow'),
    runOf(30, () => 40, '<b>|flow'),
  );
  expect(text.split('\n').length).toBeLessThan(60);
  expect(text).toMatch(/^\d+ more problems, 18 more workflows changed: see the report\.$/m);
  expect(text).not.toMatch(/<b>|[^\\]\|flow/);
});
