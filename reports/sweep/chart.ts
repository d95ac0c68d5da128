import { type ScaleLogarithmic, scaleLog } from 'd3-scale';
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
export type Drawing = {
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

/** A pattern's colour in shades, one for each of its variants, on light and on dark grounds; colour-blind people can tell them. */
const shades: Record<string, { light: string[]; dark: string[] }> = {
  classic: {
    light: ['#c2500a', '#e58a3a', '#8f3a05', '#f0b27a', '#6b2b04'],
    dark: ['#f08a3c', '#ffbe85', '#c8651f', '#ffdcb8', '#a86a3c'],
  },
  code: {
    light: ['#1f5fbf', '#6a9be0', '#123d80', '#a3c3ee'],
    dark: ['#6ea8ff', '#b3d0ff', '#3f7ad6', '#dbe8ff'],
  },
  hybrid: { light: ['#6b3fa0'], dark: ['#b794f0'] },
};

const theme = {
  light: {
    chart: '#1b1b1b',
    quiet: '#555',
    line: '#e6e6e6',
    strong: '#999',
    even: '#8a8a8a',
    alarm: '#b00020',
    ground: '#fff',
  },
  dark: {
    chart: '#e8e8e8',
    quiet: '#b0b0b0',
    line: '#30333a',
    strong: '#777',
    even: '#9a9a9a',
    alarm: '#ff8a94',
    ground: '#16181c',
  },
};

/** Classes of colours, which are named rather than calculated so that viewers other than browsers show them too. */
function colours(mode: 'light' | 'dark'): string {
  const { ground, chart, ...named } = theme[mode];
  const own = Object.entries(shades).flatMap(([pattern, of]) =>
    of[mode].map((colour, at) => [`${pattern}-${at + 1}`, colour] as const),
  );
  return [
    `.chart{color:${chart};background:${ground}}.chart .ground{fill:${ground}}.chart .halo{stroke:${ground}}`,
    ...[...Object.entries(named), ...own].map(([name, colour]) => `.chart .${name}{color:${colour}}`),
  ].join('');
}

const style =
  new Markup(`.chart{font:12px system-ui,"Segoe UI",Helvetica,Arial,sans-serif}.chart text{fill:currentColor}.chart .tick{font-size:11px}
.chart .halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
${colours('light')}
@media screen and (prefers-color-scheme:dark){${colours('dark')}}`);

/** The class of a variant's colour, in the order given. */
export function shadeClasses(variants: readonly { variant: string; pattern: string }[]): Map<string, string> {
  const used: Record<string, number> = {};
  return new Map(
    variants.map(({ variant, pattern }) => {
      const at = used[pattern] ?? 0;
      used[pattern] = at + 1;
      const many = shades[pattern]?.light.length;
      return [variant, many ? `${pattern}-${(at % many) + 1}` : 'even'];
    }),
  );
}

/** Pixels that a text takes at most in the fonts that a chart may be shown in. */
export function widthOf(text: string, size = 12): number {
  return text.length * size * 0.61;
}

/** A number as a coordinate: a tenth of a pixel is less than an eye sees, and keeps files small. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
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
