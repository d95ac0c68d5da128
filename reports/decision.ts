import { markdownTable } from 'markdown-table';
import { type Decision, type Finding, problemsOf } from '../harness/gate/decision.ts';
import { inline } from './inline.ts';

const marks = { pass: 'pass', breach: 'breach', not_comparable: 'not comparable', undecided: 'undecided' };

/** A gate's decision as Markdown: what it comes to, each problem with its cause, and a table of everything that was looked at. */
export function toDecisionMarkdown(decision: Decision): string {
  const problems = problemsOf(decision);
  const paragraphs = [
    `# ${inline(decision.title)}`,
    decision.message
      .split('\n')
      .map((line) => inline(line))
      .join('  \n'),
    ...problems.map(
      ({ level, title, message }) =>
        `- **${level === 'error' ? 'Error' : 'Warning'}: ${inline(title)}.** ${inline(message)}`,
    ),
    ...(decision.findings.length > 0 ? [table(decision.findings)] : []),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function table(findings: readonly Finding[]): string {
  return markdownTable(
    [
      ['scenario', 'variant', 'check', 'before', 'after', 'result'],
      ...findings.map(({ scenario, params, variant, check, before, after, status, level }) => [
        scenario === null ? 'suite' : inline(params ? `${scenario} (${params})` : scenario),
        inline(variant ?? 'all'),
        check,
        write(before),
        write(after),
        status === 'pass' ? marks.pass : `${marks[status]} (${level})`,
      ]),
    ],
    { align: ['l', 'l', 'l', 'r', 'r', 'l'] },
  );
}

function write(value: Finding['before']): string {
  if (value === null) return '';
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 6 }) : value;
}
