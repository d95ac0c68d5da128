import { number } from '../../../harness/numbers.ts';
import { html, type Markup } from '../../text/markup.ts';
import { amount } from '../../text/words.ts';
import type { Advice, PageData, Sizes, Trend, Workflow } from '../data.ts';
import { adviceWords, cross, logScale, mark, px, ticksOf, tickText } from './marks.ts';
import { type State, scaleOf } from './state.ts';

/**
 * What each variant takes at other numbers of items, or in other runs. Above, what is recommended at each size that was run, or in
 * each run.
 */
export function drawSizes(
  { sides, sizes }: Pick<Workflow, 'sides'> & { sizes: Sizes | Trend },
  { by }: PageData,
  state: State,
  width: number,
): Markup {
  const height = 264;
  const box = { left: 62, right: width < 560 ? 8 : 104, top: 40, bottom: 36 };
  const { param, now, tried, lines } = sizes;
  const names = 'names' in sizes ? sizes.names : undefined;
  const labelOf = (value: number) => names?.[value - 1] ?? number(value);
  const say = (value: number) => (names ? labelOf(value) : `${param} ${labelOf(value)}`);
  const factor = scaleOf(state);
  const all = lines.flatMap(({ points }) => points);
  const xs = [...new Set([...tried.map(({ at }) => at), ...all.map(({ at }) => at)])].sort((a, b) => a - b);
  if (xs.length === 0 || all.length === 0) return html`<p class="sub">No other size was measured.</p>`;
  const [first = 0, last = 0] = [xs[0], xs.at(-1)];
  const isLog = !names && first > 0 && last / first > 15;
  const [from, to] = [box.left + 10, width - box.right - 10];
  const log = logScale(isLog ? xs : [1, 10], [from, to]);
  const x = (value: number) =>
    isLog ? log.at(value) : from + ((value - first) / (last - first || 1)) * (to - from);
  const yAxis = logScale(
    all.map(({ value }) => value * factor),
    [height - box.bottom, box.top],
    0.06,
  );
  const y = (value: number) => yAxis.at(value * factor);
  const compared = new Set(
    names ? lines.map(({ variant }) => variant) : [sides.classic?.variant, sides.code?.variant],
  );
  const ticks = ticksOf(yAxis).map(
    (value) =>
      html`<line class="grid" x1="${box.left}" x2="${width - box.right}" y1="${px(yAxis.at(value))}" y2="${px(yAxis.at(value))}"/><text class="ax" x="${box.left - 8}" y="${px(yAxis.at(value) + 4)}" text-anchor="end">${tickText(value, by)}</text>`,
  );
  // Those that the verdict compares are drawn last, over the others.
  const sorted = [...lines].sort((a, b) => Number(compared.has(a.variant)) - Number(compared.has(b.variant)));
  const drawn = sorted.map(({ variant, pattern, points }) => {
    const isCompared = compared.has(variant);
    const path = points.map(({ at, value }) => `${px(x(at))} ${px(y(value))}`).join('L');
    const dots = points.map(({ at, value, ok }) => {
      const title = html`<title>${variant}, ${say(at)}: ${amount(value * factor, by)}${!ok && (names ? ', right too seldom' : ', no right answer')}</title>`;
      return html`<g>${title}${ok ? mark(pattern, x(at), y(value), isCompared, isCompared ? 4 : 2.5) : cross(x(at), y(value), 4)}</g>`;
    });
    return html`<path class="ln ${pattern}${!isCompared && ' other'}" d="M${path}"/>${dots}`;
  });
  const spans = stretches(tried).map((stretch) => ({
    ...stretch,
    left: x(stretch.start) - 3,
    right: x(stretch.end) + 3,
  }));
  const words = stripLabels(spans, width);
  const strip = spans.map((span) => {
    const { advice, start, end, left, right } = span;
    const label = words.get(span);
    return html`<rect class="strip ${advice}" x="${px(left)}" y="14" width="${px(right - left)}" height="7" rx="2"><title>${adviceWords[advice]}, ${say(start)} to ${labelOf(end)}</title></rect>${label && html`<text class="ax" x="${px(label.at)}" y="9" text-anchor="middle">${label.text}</text>`}`;
  });
  const labels = xLabels([now, ...xs], x, labelOf, width);
  const described = lines
    .filter(({ variant }) => compared.has(variant))
    .map(
      ({ variant, points }) =>
        `${variant}: ${points.map(({ at, value }) => `${labelOf(at)} ${amount(value * factor, by)}`).join(', ')}`,
    );
  const nowX = x(now);
  const isRight = nowX > width / 2;
  return html`<svg class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${names ? 'Run by run' : `By number of ${param}`}. ${described.join('; ')}">${ticks}${strip}<line class="now" x1="${px(nowX)}" x2="${px(nowX)}" y1="26" y2="${height - box.bottom}"/><text class="ax" x="${px(nowX + (isRight ? -5 : 5))}" y="35" text-anchor="${isRight ? 'end' : 'start'}">${names ? 'this run' : 'now'}</text>${drawn}${width >= 560 && endLabels(lines, y, width - box.right + 8)}${labels.map(
    ({ at, value }) =>
      html`<text class="ax${value === now && ' strong'}" x="${px(at)}" y="${height - box.bottom + 17}" text-anchor="middle">${labelOf(value)}</text>`,
  )}<text class="ax" x="${width - box.right}" y="${height - 4}" text-anchor="end">${names ? 'begun, UTC' : param}${isLog && ', log scale'}</text></svg>`;
}

/** Neighbouring sizes with the same advice; between two stretches nothing was tried. */
function stretches(tried: Sizes['tried']): { advice: Advice; start: number; end: number }[] {
  const found: { advice: Advice; start: number; end: number }[] = [];
  for (const { at, advice } of tried) {
    const last = found.at(-1);
    if (last?.advice === advice) last.end = at;
    else found.push({ advice, start: at, end: at });
  }
  return found;
}

/** What is written above the strip: the longest stretches first, each where it covers no other. */
function stripLabels<Span extends { advice: Advice; left: number; right: number }>(
  spans: readonly Span[],
  width: number,
): Map<Span, { text: string; at: number }> {
  const placed = new Map<Span, { text: string; at: number }>();
  const room = (text: string) => text.length * 6.4 + 8;
  for (const span of [...spans].sort((a, b) => b.right - b.left - (a.right - a.left))) {
    for (const text of [adviceWords[span.advice], span.advice]) {
      const half = room(text) / 2;
      const at = Math.min(Math.max((span.left + span.right) / 2, half), width - half);
      const isFree = [...placed.values()].every(
        (other) => Math.abs(other.at - at) > half + room(other.text) / 2,
      );
      if (!isFree) continue;
      placed.set(span, { text, at });
      break;
    }
  }
  return placed;
}

/** Values that are written below the axis: the first, and others where there is room. */
function xLabels(
  values: readonly number[],
  x: (value: number) => number,
  label: (value: number) => string,
  width: number,
): { at: number; value: number }[] {
  const room = (value: number) => label(value).length * 7 + 12;
  const placed: { at: number; value: number }[] = [];
  for (const value of values) {
    // None is cut off at an edge.
    const at = Math.min(Math.max(x(value), room(value) / 2), width - room(value) / 2);
    if (placed.every((other) => Math.abs(other.at - at) > (room(value) + room(other.value)) / 2))
      placed.push({ at, value });
  }
  return placed;
}

function endLabels(lines: Sizes['lines'], y: (value: number) => number, x: number): Markup[] {
  const ends = lines
    .flatMap(({ variant, points }) => {
      const last = points.at(-1);
      return last ? [{ variant, at: y(last.value) }] : [];
    })
    .sort((a, b) => a.at - b.at);
  let above = 0;
  return ends.map(({ variant, at }) => {
    above = Math.max(at + 4, above + 15);
    return html`<text class="val" x="${x}" y="${px(above)}">${variant}</text>`;
  });
}
