import { markdownTable } from 'markdown-table';
import { showHidden } from '../harness/directory/visible.ts';
import type { Decision, Finding } from '../harness/gate/decision.ts';
import { inline } from './text/markup.ts';

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
  return showHidden(`${[heads[outcome], ...told, ...(next ? [next] : [])].join('\n\n')}\n`);
}

/** The same with a line for everything that was looked at. */
export function toVerboseText(decision: Decision): string {
  const lines = decision.findings.map(
    (finding) => `  ${nameResult(finding)}  ${describePlace(finding)}: ${finding.message}`,
  );
  return showHidden(`${toDecisionText(decision)}\n${lines.join('\n')}\n`);
}

/** A gate's decision as Markdown: what it comes to, each problem with its cause, and a table of everything that was looked at. */
export function toDecisionMarkdown(decision: Decision): string {
  const { title, message, problems, findings, next } = decision;
  const lines = (text: string) =>
    text
      .split('\n')
      .map((line) => inline(line))
      .join('  \n');
  const paragraphs = [
    `# ${inline(title)}`,
    lines(message),
    ...problems.map((each) => `- **${words[each.level]}: ${inline(each.title)}.** ${inline(each.message)}`),
    ...(next ? [lines(next)] : []),
    ...(findings.length > 0 ? [table(findings)] : []),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function table(findings: readonly Finding[]): string {
  return markdownTable(
    [
      ['scenario', 'variant', 'check', 'before', 'after', 'result'],
      ...findings.map((finding) => [
        inline(describeScenario(finding)),
        inline(finding.variant ?? 'all'),
        finding.check,
        write(finding.before),
        write(finding.after),
        nameResult(finding),
      ]),
    ],
    { align: ['l', 'l', 'l', 'r', 'r', 'l'] },
  );
}

function describePlace(finding: Finding): string {
  const { variant } = finding;
  return `${describeScenario(finding)}${variant === null ? '' : ` / ${variant}`}`;
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
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 6 }) : value;
}
