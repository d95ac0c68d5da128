import { pointKey } from '../../harness/results/point.ts';
import type { Summary, Verdict } from '../../harness/results/summary.ts';
import { showUntrusted } from '../../harness/visible.ts';
import { type Screen, terminalTable, wrap } from '../text/terminal.ts';
import { amount } from '../text/words.ts';

/** The same workflows billed as several models on a terminal: for each, what to use and what a run then costs. */
export function modelsText(summaries: readonly Summary[], screen: Screen, next: string): string {
  const points = new Map(
    summaries.flatMap(({ verdicts }) => verdicts.map((verdict) => [pointKey(verdict), verdict.scenario])),
  );
  const table = terminalTable(
    {
      headings: ['workflow', ...summaries.map(({ model }) => model)],
      align: ['l', ...summaries.map(() => 'l' as const)],
      rows: [...points].map(([key, scenario]) => [
        showUntrusted(scenario),
        ...summaries.map(({ verdicts }) => advice(verdicts.find((verdict) => pointKey(verdict) === key))),
      ]),
    },
    screen,
  );
  const note = 'What to use, and what a run costs. Played by a script for each model: nothing was spent.';
  const lines = (text: string) => wrap(text, { columns: screen.columns }).join('\n');
  return `\n${[table, screen.paint('faint', lines(note)), lines(next)].join('\n\n')}\n`;
}

function advice(verdict: Verdict | undefined): string {
  if (!verdict) return '-';
  const { pattern, sides, by } = verdict;
  const side = pattern === 'classic' || pattern === 'code' ? sides[pattern] : undefined;
  if (!side) return pattern === 'insufficient' ? 'unclear' : pattern;
  return side.value === null ? side.name : `${side.name} ${amount(side.value, by)}`;
}
