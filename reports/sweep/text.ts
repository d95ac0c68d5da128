import type { Sweep } from '../../harness/results/sweep.ts';
import { type Screen, terminalTable, wrap } from '../text/terminal.ts';
import { describeAxes, findingLines, sweepMethod, sweepTables } from './markdown.ts';

/** A sweep on a terminal: where the patterns break even last, after a row for every point. */
export function sweepText(sweep: Sweep, screen: Screen): string {
  const { columns, paint } = screen;
  const fixed = Object.entries(sweep.fixed).map(([name, value]) => `${name}=${value}`);
  const lines = (text: string, first = '  ') => wrap(text, { columns, first, indent: '  ' });
  const blocks = [
    lines(`${paint('strong', sweep.scenario)}  ${[`over ${describeAxes(sweep)}`, ...fixed].join(' ')}`),
    ...sweepTables(sweep).map(({ table }) => [terminalTable(table, screen)]),
    lines(sweepMethod(sweep)).map((line) => paint('faint', line)),
    ...(sweep.status === 'partial'
      ? [lines(paint('bad', `Partial: ${sweep.points.length} points have been measured.`))]
      : []),
    findingLines(sweep).flatMap((line) => lines(line, '- ')),
  ];
  return `\n${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}
