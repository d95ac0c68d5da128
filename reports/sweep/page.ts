import type { Sweep } from '../../harness/sweep/sweep-schema.ts';
import { toPage } from '../page.ts';
import { html, htmlList, htmlTable, Markup } from '../text/markup.ts';
import type { Chart } from './charts.ts';
import { describeAxes, findingLines, sweepMethod, sweepTables } from './markdown.ts';

/** A sweep as one HTML file that needs nothing else: findings, charts, the table, and how the figures came about. */
export function sweepHtml(sweep: Sweep, charts: readonly Chart[]): string {
  const { scenario, status, points } = sweep;
  const over = describeAxes(sweep);
  return toPage({
    title: `${scenario} over ${over}`,
    main: html`<header>
<h1>${scenario}: where the patterns break even</h1>
<p>Over ${over}.</p>
${status === 'partial' && html`<p class="notice">Partial sweep: ${points.length} points have been measured.</p>`}
</header>
<main>
${htmlList(findingLines(sweep))}
${charts.map(({ svg }) => html`<figure>${new Markup(svg)}</figure>\n`)}
${sweepTables(sweep).map(({ label, table }) => htmlTable(table, label))}
</main>`,
    footer: html`<p>${sweepMethod(sweep)}</p>`,
  });
}
