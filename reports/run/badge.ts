import type { Summary } from '../../harness/results/summary.ts';

const decided = ['code', 'classic', 'either', 'neither'] as const;

/** The verdicts of a run as an endpoint badge: JSON by which a badge service draws, schema version 1. */
export function toBadge({ verdicts, status }: Summary): string {
  const count = (pattern: string) => verdicts.filter((verdict) => verdict.pattern === pattern).length;
  const counts = [
    ...decided.map((each) => [each, count(each)] as const),
    ['open', count('insufficient')] as const,
  ];
  const parts = counts.flatMap(([name, many]) => (many > 0 ? [`${name} ${many}`] : []));
  const message = parts.join(' · ') || 'no verdict';
  const isWhole = status === 'complete' && verdicts.length > 0 && count('insufficient') === 0;
  return `${JSON.stringify({
    schemaVersion: 1,
    label: 'tool calls or code',
    message: status === 'partial' ? `${message} (partial)` : message,
    color: isWhole ? 'blue' : 'lightgrey',
  })}\n`;
}
