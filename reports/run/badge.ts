import type { Summary } from '../../harness/results/summary.ts';

/** The verdicts of a run as an endpoint badge: JSON by which a badge service draws, schema version 1. */
export function toBadge({ verdicts, status }: Summary): string {
  const count = (pattern: string) => verdicts.filter((verdict) => verdict.pattern === pattern).length;
  const parts = ['code', 'classic', 'either', 'neither'].flatMap((pattern) =>
    count(pattern) > 0 ? [`${pattern} ${count(pattern)}`] : [],
  );
  const open =
    verdicts.length - ['code', 'classic', 'either', 'neither'].reduce((sum, each) => sum + count(each), 0);
  const message = [...parts, ...(open > 0 ? [`open ${open}`] : [])].join(' · ') || 'no verdict';
  return `${JSON.stringify({
    schemaVersion: 1,
    label: 'tool calls or code',
    message: status === 'partial' ? `${message} (partial)` : message,
    color: open > 0 || status === 'partial' || verdicts.length === 0 ? 'lightgrey' : 'blue',
  })}\n`;
}
