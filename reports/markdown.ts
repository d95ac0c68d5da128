import type { Summary } from '../harness/run/summary.ts';
import { flipSentences } from './flips.ts';
import { describeRun, type Section } from './run-report.ts';
import { inline, type Table, toMarkdownTable } from './text/markup.ts';

/** A run as Markdown: for each scenario, at each set of parameters, a table and a verdict, then how the figures came about. */
export function toMarkdown(summary: Summary): string {
  const { partial, sections, selfComparison, method } = describeRun(summary, inline);
  const blocks = [
    ...(partial ? [`**${partial}**`] : []),
    ...sections.map((section) => toSection(section).join('\n\n')),
    ...(selfComparison
      ? ['## Each variant against itself', selfComparison.claim, ...list(selfComparison.comparisons)]
      : []),
    method.map((line) => `_${line}_`).join('  \n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function toSection(section: Section): string[] {
  const { scenario, params, verdict, flips, criteria } = section;
  return [
    `## ${scenario}${params.length > 0 ? ` (${params.join(', ')})` : ''}`,
    toMarkdownTable(section.figures),
    ...table(section.ladder),
    ...section.wrong.flatMap((line) => list([line])),
    ...list(section.failures),
    ...table(section.statistics),
    ...list(section.trialNotes),
    ...list(section.providerNotes),
    verdict
      ? `**Verdict: ${verdict.pattern}.** ${section.ruling}`
      : '**Verdict:** outstanding; not every trial has ended.',
    ...list([...section.margin, ...(flips ? flipSentences(flips) : [])]),
    ...table(criteria),
  ];
}

function table(given: Table | undefined): string[] {
  return given ? [toMarkdownTable(given)] : [];
}

function list(lines: readonly string[]): string[] {
  return lines.length > 0 ? [lines.map((line) => `- ${line}`).join('\n')] : [];
}
