import { valueAt } from '../../harness/analysis/sweep.ts';
import type { Sweep } from '../../harness/results/sweep.ts';
import { html, htmlList, htmlTable, Markup, type Picture } from '../text/markup.ts';
import { toPage } from '../text/page.ts';
import { drawTokens, drawValue } from './lines.ts';
import { drawMap } from './map.ts';
import { describeAxes, findingLines, sweepMethod, sweepTables } from './markdown.ts';

/** A sweep as one HTML file that needs nothing else: findings, charts, the table, and how the figures came about. */
export function sweepHtml(sweep: Sweep, charts: readonly Picture[]): string {
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
${charts.map(({ name, svg }) => html`<figure><div class="scroll" role="region" tabindex="0" aria-label="Chart: ${name}">${new Markup(svg)}</div></figure>\n`)}
${sweepTables(sweep).map(({ label, table }) => htmlTable(table, label))}
</main>`,
    footer: html`<p>${sweepMethod(sweep)}</p>`,
  });
}

/**
 * The charts of a sweep: tokens and cost against size on one axis; on two, a map with caching and one without. What a model
 * without a known price costs is not drawn.
 */
export function drawSweep(sweep: Sweep): Picture[] {
  const { by, scenario, axes, points } = sweep;
  const results = points.flatMap((point) => point.results);
  const isValued = results.some((result) => (valueAt(result, { by, caching: true }) ?? 0) > 0);
  const over = `${scenario} over ${describeAxes(sweep)}`;
  if (axes.length === 1) {
    const name = by === 'tokens' ? 'billed' : by;
    return [
      ...(results.some(({ tokens }) => tokens.context > 0)
        ? [{ name: 'tokens', alt: `${over}: how full the context gets`, svg: drawTokens(sweep) }]
        : []),
      ...(isValued ? [{ name, alt: `${over}: where the patterns break even`, svg: drawValue(sweep) }] : []),
    ];
  }
  if (!isValued) return [];
  return (by === 'cost' ? [true, false] : [true]).map((caching) => {
    const name = caching ? 'map-cached' : 'map-uncached';
    const alt = `${over}: which pattern takes less${caching ? '' : ', without caching'}`;
    return { name, alt, svg: drawMap(sweep, caching, name) };
  });
}
