import { bound } from '../../../harness/numbers.ts';
import { html, type Markup } from '../../text/markup.ts';
import type { Advice, Turn, Workflow } from '../data.ts';
import { capital, mark, px, shorten, thenUse } from './marks.ts';
import { logScale, ticksOf } from './scale.ts';

/**
 * How the verdict stands under each assumption: the ratio of code to classic with its interval, on one logarithmic axis. Inside the
 * shaded band a difference does not count.
 */
export function drawBand(workflow: Workflow, width: number): Markup {
  const { margin, advice } = workflow;
  const own: Turn[] =
    advice === 'outstanding' ? [] : [{ words: 'as it was run', advice, ratio: workflow.ratio }];
  const rows = [...own, ...workflow.turns].flatMap((turn) =>
    turn.ratio && turn.ratio.value > 0 ? [{ ...turn, ratio: turn.ratio }] : [],
  );
  if (rows.length === 0) return html`<p class="sub">Without a ratio there is nothing to draw.</p>`;
  const isNarrow = width < 560;
  const [left, right, rowHeight, top] = isNarrow ? [8, 8, 42, 26] : [250, 84, 26, 26];
  const [low, high] = [1 / (1 + margin), 1 + margin];
  const values = rows.flatMap(({ ratio }) =>
    [ratio.low, ratio.value, ratio.high].filter((value) => value > 0),
  );
  const axis = logScale([...values, low / 1.25, high * 1.25], [left, width - right]);
  const height = top + rows.length * rowHeight + 24;
  const ticks = ticksOf(axis)
    .filter((value, index, all) => all.length < 9 || index % Math.ceil(all.length / 8) === 0 || value === 1)
    .map(
      (value) =>
        html`<line class="grid" x1="${px(axis.at(value))}" x2="${px(axis.at(value))}" y1="${top - 6}" y2="${height - 22}"/><text class="ax" x="${px(axis.at(value))}" y="${height - 6}" text-anchor="middle">${bound(value)}</text>`,
    );
  const drawn = rows.map(({ words, advice: then, ratio }, index) => {
    const y = top + index * rowHeight + (isNarrow ? 30 : 13);
    const turns = then !== workflow.advice;
    const at = axis.at(ratio.value);
    const interval = html`<line class="whisker" x1="${px(axis.at(Math.max(ratio.low, 10 ** axis.low)))}" x2="${px(axis.at(ratio.high))}" y1="${y}" y2="${y}"/>`;
    const label = turns ? thenUse(then) : 'holds';
    return html`<text class="lab${turns && ' strong'}" x="0" y="${isNarrow ? y - 14 : y + 4.5}">${shorten(capital(words), isNarrow ? 46 : 36)}<title>${words}</title></text>${interval}${pointOf(then, at, y)}<text class="val${turns && ' strong'}" x="${width}" y="${isNarrow ? y - 14 : y + 4.5}" text-anchor="end">${index === 0 && own.length > 0 ? '' : label}</text>`;
  });
  const words = rows
    .map(
      ({ words: assumption, advice: then, ratio }) =>
        `${assumption}: code to classic ${bound(ratio.value)}, ${thenUse(then)}`,
    )
    .join('; ');
  return html`<svg class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The verdict under each assumption. ${words}"><rect class="tie" x="${px(axis.at(low))}" width="${px(axis.at(high) - axis.at(low))}" y="${top - 6}" height="${height - 16 - top}"/>${ticks}<text class="ax" x="${px(Math.max(axis.at(1) - 8, left))}" y="12" text-anchor="${axis.at(1) - left > 110 ? 'end' : 'start'}">${axis.at(1) - left > 110 && '← code takes less'}</text>${width - right - axis.at(1) > 120 && html`<text class="ax" x="${px(axis.at(1) + 8)}" y="12">classic takes less →</text>`}${drawn}</svg>`;
}

function pointOf(advice: Advice, x: number, y: number): Markup {
  if (advice === 'classic' || advice === 'code') return mark(advice, x, y, true, 4);
  return html`<rect class="open" x="${px(x - 4)}" y="${y - 4}" width="8" height="8"/>`;
}
