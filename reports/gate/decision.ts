import { type Change, describeDifference, figureNames } from '../../harness/analysis/gate/change.ts';
import type { ComparedPair, ComparedScenario, Comparison } from '../../harness/analysis/gate/compare-runs.ts';
import type { Decision, Finding, Problem } from '../../harness/analysis/gate/gate.ts';
import { exact } from '../../harness/numbers.ts';
import { describeParams, type Point, pointKey } from '../../harness/results/point.ts';
import { showHidden } from '../../harness/visible.ts';
import { type JunitCase, toJunitXml } from '../text/formats.ts';
import { inline, toMarkdownTable } from '../text/markup.ts';
import { bullets, type Part, paragraphs, present, type Table, tableOf } from '../text/table.ts';

const words = { error: 'Error', warn: 'Warning' } as const;

/** A gate's decision as a person at a terminal reads it: one line on a pass, else each problem, and what to do next. */
export function toDecisionText(decision: Decision): string {
  const { outcome, title, message, problems, next } = decision;
  const heads = {
    pass: `${title}: ${message}`,
    fail: `Gate failed: ${message}`,
    incomplete: `${title}\n${message}`,
  };
  const told = problems.map(
    (problem) => `${words[problem.level]}: ${problem.title}\n${problem.message.replaceAll(/^/gm, '  ')}`,
  );
  return showHidden(`${paragraphs(heads[outcome], told, next)}\n`);
}

/** The same with a line for everything that was looked at. */
export function toVerboseText(decision: Decision): string {
  const lines = decision.findings.map((finding) => {
    const variant = finding.variant === null ? '' : ` / ${finding.variant}`;
    return `  ${nameResult(finding)}  ${describeScenario(finding)}${variant}: ${finding.message}`;
  });
  return showHidden(`${toDecisionText(decision)}\n${lines.join('\n')}\n`);
}

/** A gate's decision as Markdown: what it comes to, each problem with its cause, and a table of everything that was looked at. */
export function toDecisionMarkdown(decision: Decision): string {
  const { title, message, problems, findings, next } = decision;
  const lines = (text: string) => text.split('\n').map(inline).join('  \n');
  return `${paragraphs(
    `# ${inline(title)}`,
    lines(message),
    problems.map((each) => `- **${words[each.level]}: ${inline(each.title)}.** ${inline(each.message)}`),
    next && lines(next),
    findings.length > 0 && table(findings),
  )}\n`;
}

function table(findings: readonly Finding[]): string {
  const columns = tableOf(findings, [
    ['scenario', (finding) => inline(describeScenario(finding))],
    ['variant', ({ variant }) => inline(variant ?? 'all'), 'l'],
    ['check', ({ check }) => check, 'l'],
    ['before', ({ before }) => write(before)],
    ['after', ({ after }) => write(after)],
    ['result', nameResult, 'l'],
  ]);
  return toMarkdownTable(columns);
}

function describeScenario({ scenario, params }: Finding): string {
  if (scenario === null) return 'suite';
  return params ? `${scenario} (${params})` : scenario;
}

function nameResult({ status, level }: Finding): string {
  return status === 'pass' ? 'pass' : `${status.replaceAll('_', ' ')} (${level})`;
}

function write(value: Finding['before']): string {
  if (value === null) return '';
  return typeof value === 'number' ? exact(value) : value;
}

/**
 * A gate's decision as workflow commands of GitHub Actions, one annotation a problem, the worst first: GitHub shows the
 * first ten errors and ten warnings of a step.
 */
export function toGithub(decision: Omit<Decision, 'findings'>): string {
  const overall = annotation(
    decision.outcome === 'incomplete' ? 'error' : 'notice',
    decision.title,
    present(decision.message, decision.next).join('\n'),
  );
  const problems = decision.problems.map(({ level, title, message }) =>
    annotation(level === 'error' ? 'error' : 'warning', title, message),
  );
  return `${[overall, ...problems].join('\n')}\n`;
}

/** One annotation, as a workflow command. */
export function annotation(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}`;
}

/** As the toolkit of GitHub Actions does (`@actions/core`, command.ts): a line break would begin a command of its own. */
function escapeData(text: string): string {
  return showHidden(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/**
 * A gate's decision as JUnit XML: a test case for each figure that passed, and one for each problem. Errors are failures, warnings
 * are skipped cases that say why, and an incomplete run is an error of its own.
 */
export function toJunit({ outcome, title, message, findings, problems }: Decision): string {
  const passed = findings.filter(({ status }) => status === 'pass');
  const whole: JunitCase = { name: 'run', end: { kind: 'error', message: title, text: message } };
  return toJunitXml('gate', [
    ...(outcome === 'incomplete' ? [whole] : []),
    ...problems.map((problem) => ({ name: problem.title, end: endOf(problem) })),
    ...passed.map(({ scenario, params, variant, check }) => ({
      of: scenario ?? 'suite',
      name: [params, variant, check].filter(Boolean).join(' · '),
    })),
  ]);
}

function endOf({ level, title, message }: Problem): JunitCase['end'] {
  return level === 'error'
    ? { kind: 'failure', message: title, text: message }
    : { kind: 'skipped', message: `${title}: ${message}` };
}

/** Two runs side by side as Markdown: for each scenario its changes and where they came from, then what has no counterpart. */
export function toComparisonMarkdown(
  comparison: Comparison,
  names: { before: string; after: string },
): string {
  const { pairs, unpaired } = comparison;
  return `${paragraphs(
    `# ${inline(names.before)} → ${inline(names.after)}`,
    incomparable(comparison)
      .filter(({ ofPairs }) => !ofPairs || pairs.length > 0)
      .map(({ what, why }) => `**${what} comparable:** ${inline(why)}.`),
    describeScenarioChanges(comparison).map(section),
    unpaired.length > 0 && [
      '## In one run alone',
      bullets(
        unpaired.map(({ scenario, params, variant, side, because }) => {
          const where = `only in ${names[side]}${because ? `; ${because}` : ''}`;
          return inline(`${scenario} / ${variant} (${describeParams(params)}): ${where}.`);
        }),
      ),
    ],
  )}\n`;
}

/** How one scenario changed between two runs: figures in a table, causes as lines, and its verdict. */
type ScenarioChange = {
  table: Table;
  causes: string[];
  /** Absent where verdicts cannot be held against each other. */
  verdict: { before: string | null; after: string | null } | undefined;
};

/** What of one scenario may be held against each other. The verdict is absent where it may not. */
export type Comparable = {
  scenario: ComparedScenario;
  pairs: ComparedPair[];
  verdict: ComparedScenario['verdict'] | undefined;
};

/** Two runs, scenario by scenario: without costs where their prices differ, and without verdicts that were weighed otherwise. */
export function comparableScenarios({
  pricesDiffer,
  weighingDiffers,
  pairs,
  scenarios,
}: Comparison): Comparable[] {
  const isComparable = ({ metric }: Change) => pricesDiffer === null || !metric.startsWith('cost');
  const hasVerdicts = pricesDiffer === null && weighingDiffers === null;
  return scenarios.map((scenario) => ({
    scenario,
    pairs: pairs
      .filter((pair) => pointKey(pair) === pointKey(scenario))
      .map((pair) => ({
        ...pair,
        changes: pair.changes.filter(isComparable),
        hypothetical: pair.hypothetical.filter(isComparable),
      })),
    verdict: hasVerdicts ? scenario.verdict : undefined,
  }));
}

/** Says of each scenario of two runs how it changed, without what cannot be compared. */
export function describeScenarioChanges(comparison: Comparison): (Point & ScenarioChange)[] {
  return comparableScenarios(comparison).map((each) => ({
    scenario: each.scenario.scenario,
    params: each.scenario.params,
    ...describeScenarioChange(each),
  }));
}

function describeScenarioChange({ scenario, pairs, verdict }: Comparable): ScenarioChange {
  const rows = pairs.flatMap((pair) => [
    ...pair.changes.map((change) => row(pair.variant, change)),
    ...pair.hypothetical.map((change) => row(`${pair.variant} (hypothetical)`, change)),
  ]);
  const causes = present(
    scenario.surface === null && 'The tools of one of the runs were not recorded.',
    scenario.surface?.map(({ text }) => text),
    pairs.map(
      ({ variant, status: { before, after } }) =>
        before !== after && `${variant} ended as ${after}, before as ${before}`,
    ),
    scenario.filesChanged && "the scenario's own files changed",
    pairs.map(({ variant, causes }) => causes.map(({ text }) => `${variant}: ${text}`)),
  );
  return {
    table: {
      headings: ['variant', 'figure', 'before', 'after', 'change'],
      align: ['l', 'l', 'r', 'r', 'r'],
      rows,
    },
    causes,
    verdict,
  };
}

function section({ scenario, params, table: figures, causes, verdict }: Point & ScenarioChange): Part {
  const said = verdict && sayVerdictChange(verdict);
  return [
    `## ${scenario} (${describeParams(params)})`,
    toMarkdownTable(figures),
    bullets(causes.map((text) => inline(text))),
    said && (verdict.before === verdict.after ? said : `**${said}**`),
  ];
}

/** What of two runs may not be held against each other, and why; `ofPairs` is of interest only where results have a counterpart. */
function incomparable({ differences, pricesDiffer, weighingDiffers }: Comparison) {
  return [
    { what: 'Nothing is', why: differences.join('; ') || null, ofPairs: false },
    { what: 'Costs are not', why: pricesDiffer, ofPairs: true },
    { what: 'Verdicts are not', why: weighingDiffers, ofPairs: true },
  ].flatMap(({ why, ...each }) => (why === null ? [] : [{ ...each, why }]));
}

/** The same, each in a sentence. */
export function sayIncomparable(comparison: Comparison): string[] {
  return incomparable(comparison).map(({ what, why }) => `${what} comparable: ${why}.`);
}

/** Whether the verdict is the one of before, in a sentence. */
export function sayVerdictChange({ before, after }: NonNullable<ScenarioChange['verdict']>): string {
  return before === after ? `Verdict: ${after ?? 'none'}, as before.` : `Verdict: ${before} → ${after}.`;
}

function row(variant: string, change: Change): string[] {
  const { name, write } = figureNames[change.metric];
  const value = (figure: number | null) => (figure === null ? 'unknown' : write(figure));
  const isSame = change.before === change.after;
  const difference = isSame ? 'none' : describeDifference(change);
  return [variant, name, value(change.before), value(change.after), difference];
}
