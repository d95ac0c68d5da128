import type { Sweep } from '../harness/sweep/sweep-schema.ts';
import { escapeHtml } from './html-text.ts';
import type { Chart } from './sweep-charts.ts';
import { findingLines, sweepMarkdown } from './sweep-markdown.ts';

/** A sweep as one HTML file that needs nothing else: findings, charts, the table, and how the figures came about. */
export function sweepHtml(sweep: Sweep, charts: readonly Chart[]): string {
  const over = sweep.axes
    .map(({ name, from, to }) => `${name} ${from.toLocaleString('en-US')} to ${to.toLocaleString('en-US')}`)
    .join(', ');
  const tables = [...sweepMarkdown(sweep).matchAll(/(?:^\|.*\|$\n?)+/gm)].map(([text]) => toTable(text));
  const method = /^_(.*)_$/m.exec(sweepMarkdown(sweep))?.[1] ?? '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(sweep.scenario)} over ${escapeHtml(over)}</title>
<style>
body { font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #1b1b1b; background: #fff; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; }
.over, footer { color: #555; }
figure { margin: 1.5rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; margin: 1rem 0; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #e4e4e4; white-space: nowrap; }
th { font-weight: 600; border-bottom-color: #999; white-space: normal; vertical-align: bottom; }
footer { font-size: 13px; margin-top: 1.5rem; }
</style>
<h1>${escapeHtml(sweep.scenario)}: where the patterns break even</h1>
<p class="over">Over ${escapeHtml(over)}${sweep.status === 'partial' ? ' (partial)' : ''}</p>
<ul>
${findingLines(sweep)
  .map((line) => `<li>${escapeHtml(line)}</li>`)
  .join('\n')}
</ul>
${charts.map(({ svg }) => `<figure>${svg}</figure>`).join('\n')}
${tables.map((table) => `<div class="scroll">${table}</div>`).join('\n')}
<footer>${escapeHtml(method)}</footer>
</html>
`;
}

function toTable(markdown: string): string {
  const [header = [], , ...rows] = markdown
    .trim()
    .split('\n')
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => escapeHtml(cell.trim())),
    );
  const row = (cells: string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${row(header, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`;
}
