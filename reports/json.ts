import type { Summary } from '../harness/run/summary.ts';

/** The summary as indented JSON. */
export function toJson(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}
