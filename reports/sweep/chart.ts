import { type ScaleLogarithmic, scaleLog } from 'd3-scale';
import { px } from '../page/view/marks.ts';
import { type Content, html, Markup } from '../text/markup.ts';

/** A logarithmic axis: what it shows, where on the plot its values stand in pixels, and how they are written. */
export type LogAxis = {
  title: string;
  scale: ScaleLogarithmic<number, number>;
  write: (value: number) => string;
};

/** A part of a plot, in pixels from its left upper corner. */
export type Box = { left: number; top: number; right: number; bottom: number };

/** What is drawn, and what says it in words to those who do not see it. */
type Drawing = {
  /** Part of the file name; tells the ids of a chart from those of others on a page. */
  name: string;
  title: string;
  description: string;
  /** Lines under the title, of which each is text or a row of a key. */
  subtitle: Content[];
  width: number;
  height: number;
  /** Pixels for what stands above and to the right of the plot. */
  above?: number;
  beside?: number;
  x: LogAxis;
  y: LogAxis;
  grid?: boolean;
  plot: Content;
};

/**
 * Colours by class, on light and on dark grounds: a pattern has a shade for each of its variants, which colour-blind people can
 * tell from those of the other. None is calculated, so that viewers other than browsers show them too.
 */
const colours: Record<string, [light: string, dark: string]> = {
  quiet: ['#555', '#b0b0b0'],
  line: ['#e6e6e6', '#30333a'],
  strong: ['#999', '#777'],
  even: ['#8a8a8a', '#9a9a9a'],
  alarm: ['#b00020', '#ff8a94'],
  'classic-1': ['#c2500a', '#f08a3c'],
  'classic-2': ['#e58a3a', '#ffbe85'],
  'classic-3': ['#8f3a05', '#c8651f'],
  'classic-4': ['#f0b27a', '#ffdcb8'],
  'classic-5': ['#6b2b04', '#a86a3c'],
  'code-1': ['#1f5fbf', '#6ea8ff'],
  'code-2': ['#6a9be0', '#b3d0ff'],
  'code-3': ['#123d80', '#3f7ad6'],
  'code-4': ['#a3c3ee', '#dbe8ff'],
  'hybrid-1': ['#6b3fa0', '#b794f0'],
};

function rules(mode: 0 | 1, text: string, ground: string): string {
  const named = Object.entries(colours).map(([name, pair]) => `.chart .${name}{color:${pair[mode]}}`);
  return `.chart{color:${text};background:${ground}}.chart .ground{fill:${ground}}.chart .halo{stroke:${ground}}${named.join('')}`;
}

const style =
  new Markup(`.chart{font:12px system-ui,"Segoe UI",Helvetica,Arial,sans-serif}.chart text{fill:currentColor}.chart .tick{font-size:11px}
.chart .halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
${rules(0, '#1b1b1b', '#fff')}
@media screen and (prefers-color-scheme:dark){${rules(1, '#e8e8e8', '#16181c')}}`);

/** The class of a variant's colour, in the order given. */
export function shadeClasses(variants: readonly { variant: string; pattern: string }[]): Map<string, string> {
  const used: Record<string, number> = {};
  return new Map(
    variants.map(({ variant, pattern }) => {
      const at = used[pattern] ?? 0;
      used[pattern] = at + 1;
      const own = Object.keys(colours).filter((name) => name.startsWith(`${pattern}-`));
      return [variant, own[at % own.length] ?? 'even'];
    }),
  );
}

/** Pixels that a text takes at most in the fonts that a chart may be shown in. */
export function widthOf(text: string, size = 12): number {
  return text.length * size * 0.61;
}

/** An axis whose ends stand at `range` on the plot. */
export function logAxis(
  title: string,
  values: readonly number[],
  range: [number, number],
  write: LogAxis['write'],
): LogAxis {
  return { title, scale: scaleLog([Math.min(...values), Math.max(...values)], range), write };
}

/** Values to mark: as many as there is room for, of all, of 1, 2 and 5 times a power of ten, and of these powers. */
function ticksOf({ scale }: LogAxis, apart: number): number[] {
  const [start = 0, end = 0] = scale.range();
  const room = Math.abs(end - start) / apart;
  const all = scale.ticks(room);
  const leading = (digits: RegExp) => all.filter((tick) => digits.test(tick.toExponential()));
  return [all, leading(/^[125]e/)].find((ticks) => ticks.length <= room) ?? leading(/^1e/);
}

/** Draws an SVG document that needs nothing else and is read on light and dark grounds. The same bytes for the same drawing. */
export function draw(drawing: Drawing): string {
  const { name, title, description, subtitle, width, height, above = 0, beside = 16, x, y, grid } = drawing;
  const [left, top, below] = [80, 44 + 17 * subtitle.length + above, 50];
  const full = Math.ceil(Math.max(left + width + beside, 24 + widthOf(title, 15) * 1.1));
  const rows = ticksOf(y, 26).map((tick) => {
    const at = px(y.scale(tick));
    return html`${grid && html`<path class="line" stroke="currentColor" d="M0 ${at}H${width}"/>`}<path class="strong" stroke="currentColor" d="M-5 ${at}H0"/><text class="tick" x="-8" y="${px(at + 4)}" text-anchor="end">${y.write(tick)}</text>\n`;
  });
  const columns = ticksOf(x, 50).map((tick) => {
    const at = px(x.scale(tick));
    return html`<path class="strong" stroke="currentColor" d="M${at} ${height}v5"/><text class="tick" x="${at}" y="${height + 18}" text-anchor="middle">${x.write(tick)}</text>\n`;
  });
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${full} ${top + height + below}" width="${full}" height="${top + height + below}" role="img" aria-labelledby="${name}-title ${name}-text">
<title id="${name}-title">${title}</title>
<desc id="${name}-text">${description}</desc>
<style>${style}</style>
<rect class="ground" width="100%" height="100%"/>
<text x="12" y="26" font-size="15" font-weight="bold">${title}</text>
${subtitle.map((line, at) => html`<g class="quiet" transform="translate(12 ${45 + 17 * at})">${typeof line === 'string' ? html`<text>${line}</text>` : line}</g>\n`)}<g transform="translate(${left} ${top})" fill="none">
${rows}${columns}<path class="strong" stroke="currentColor" d="M0 0V${height}H${width}"/>
<text x="${px(width / 2)}" y="${height + 40}" text-anchor="middle">${x.title}</text>
<text transform="translate(-66 ${px(height / 2)}) rotate(-90)" text-anchor="middle">${y.title}</text>
${drawing.plot}
</g>
</svg>
`.text;
}
