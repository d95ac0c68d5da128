import { decidedAt, valueAt } from '../../harness/analysis/sweep.ts';
import { compact, number, seconds, usd } from '../../harness/numbers.ts';
import type { Measure } from '../../harness/results/codes.ts';
import type { PointResult, Sweep } from '../../harness/results/sweep.ts';
import type { VerdictPattern } from '../../harness/results/verdict.ts';
import { px } from '../page/view/marks.ts';
import { type Content, html, type Markup } from '../text/markup.ts';
import { standing } from '../text/words.ts';
import { draw, logAxis, shadeClasses, widthOf } from './chart.ts';
import { findingLines } from './markdown.ts';

const width = 620;
const height = 340;

type Point = { size: number; value: number; fits: boolean };
type Line = { name: string; colour: string; isDashed: boolean; points: Point[] };

/** What a chart of lines says besides the lines. */
type Words = {
  name: string;
  title: string;
  subtitle: string;
  axis: string;
  tick: (value: number) => string;
  write: (value: number) => string;
};

/** Context tokens against size, with the context window as a line. */
export function drawTokens(sweep: Sweep): string {
  const lines = toLines(sweep, [true], (result) => result.tokens.context);
  const window = sweep.contextWindow;
  // A window far above everything that was measured would squeeze the lines into a corner.
  const isShown = window < Math.max(...valuesOf(lines)) * 20;
  const words = {
    name: 'tokens',
    title: 'How full the context gets',
    subtitle: 'Tokens, each counted once. Hollow points did not fit the context window.',
    axis: 'context tokens',
    tick: compact,
    write: number,
  };
  return drawLines(sweep, lines, words, isShown ? [window] : [], []);
}

/** What the sweep weighs by against size, cost with and without caching, and which verdict holds where. */
export function drawValue(sweep: Sweep): string {
  const { by } = sweep;
  const caching = by === 'cost' ? [true, false] : [true];
  const lines = toLines(sweep, caching, (result, cached) => valueAt(result, { by, caching: cached }));
  const verdicts = caching.map((cached) => ({
    row: by === 'cost' ? (cached ? 'cached' : 'uncached') : 'verdict',
    spans: toSpans(sweep, cached),
  }));
  return drawLines(sweep, lines, valueWords[by], [], verdicts);
}

const hollow = 'Hollow points are hypothetical: no window holds them.';

const valueWords: Record<Measure, Words> = {
  cost: {
    name: 'cost',
    title: 'What one run costs',
    subtitle: `USD; solid with prompt caching, dashed without. ${hollow}`,
    axis: 'cost of one run',
    tick: (value) => `$${compact(value)}`,
    write: usd,
  },
  tokens: {
    name: 'billed',
    title: 'What one run is billed for',
    subtitle: `Tokens of all requests, re-sent history included. ${hollow}`,
    axis: 'billed tokens',
    tick: compact,
    write: number,
  },
  latency: {
    name: 'latency',
    title: 'How long the model takes',
    subtitle: `Seconds, modelled; tools and sandbox are not in it. ${hollow}`,
    axis: 'modelled seconds',
    tick: compact,
    write: (value) => seconds(value * 1000),
  },
};

type Span = { from: number; to: number; pattern: VerdictPattern };
type VerdictRow = { row: string; spans: Span[] };

function drawLines(
  sweep: Sweep,
  lines: Line[],
  words: Words,
  windows: number[],
  verdicts: VerdictRow[],
): string {
  const sizes = lines.flatMap(({ points }) => points.map(({ size }) => size));
  const values = [...valuesOf(lines), ...windows];
  const x = logAxis(sweep.axes[0]?.name ?? '', sizes, [0, width], compact);
  const y = logAxis(
    words.axis,
    [Math.min(...values) / 1.6, Math.max(...values) * 1.25],
    [height, 0],
    words.tick,
  );
  const at = ({ size, value }: Point) => [px(x.scale(size)), px(y.scale(value))] as const;
  const ends = labelEnds(lines.map(({ points }) => at(points.at(-1) as Point)[1]));
  const drawn = lines.map(({ name, colour, isDashed, points }, index) => {
    const end = at(points.at(-1) as Point);
    const dots = points.map((point) => {
      const [left, top] = at(point);
      const fits = point.fits ? '' : ' (does not fit the context window)';
      return html`<circle cx="${left}" cy="${top}" r="3.2" ${point.fits ? html`fill="currentColor"` : html`class="ground" stroke="currentColor" stroke-width="1.6"`}><title>${name}, ${x.title} ${number(point.size)}: ${words.write(point.value)}${fits}</title></circle>`;
    });
    const dash = isDashed && html` stroke-dasharray="5 3"`;
    const label = ends[index] ?? end[1];
    return html`<g class="${colour}"><path d="M${points.map((point) => at(point).join(' ')).join('L')}" stroke="currentColor" stroke-width="2"${dash}/><path d="M${end.join(' ')}L${width + 10} ${label}H${width + 26}" stroke="currentColor"${dash}/>${dots}</g><text x="${width + 31}" y="${px(label + 4)}">${name}</text>\n`;
  });
  return draw({
    name: words.name,
    title: `${words.title}: ${sweep.scenario}`,
    description: findingLines(sweep).join(' '),
    subtitle: [words.subtitle],
    width,
    height,
    above: verdicts.length * 20,
    beside: 43 + Math.max(...lines.map(({ name }) => widthOf(name))),
    x,
    y,
    grid: true,
    plot: [
      ...verdicts.map((verdict, row) => drawVerdicts(sweep, verdict, x.scale, (row - verdicts.length) * 20)),
      ...windows.map((window) => drawWindow(window, px(y.scale(window)))),
      ...drawn,
    ],
  });
}

function drawWindow(window: number, level: number): Markup {
  return html`<g class="alarm"><path d="M0 ${level}H${width}" stroke="currentColor" stroke-dasharray="6 4"/><text class="tick halo" x="5" y="${level - 5}">context window ${number(window)}</text></g>\n`;
}

/** A bar above the plot that is divided where the verdict changes, and lines of equal cost through the plot. */
function drawVerdicts(
  { by, axes }: Sweep,
  { row, spans }: VerdictRow,
  scale: (size: number) => number,
  top: number,
): Content {
  return html`<text class="tick quiet" x="-8" y="${top + 12}" text-anchor="end">${row}</text>${spans.map(
    ({ from, to, pattern }, index) => {
      const [start, end] = [px(scale(from)), px(scale(to))];
      const words = standing(pattern, by);
      const label = [words, pattern].find((text) => widthOf(text, 11) < end - start - 6);
      const edge =
        index > 0 &&
        html`<path class="quiet" d="M${start} ${top}V${height}" stroke="currentColor" stroke-dasharray="2 3"/>`;
      return html`<g class="${classOf(pattern)}"><rect x="${start}" y="${top}" width="${px(end - start)}" height="16" fill="currentColor" fill-opacity="0.22" stroke="currentColor"><title>${row}, ${axes[0]?.name ?? ''} from about ${number(from)} to ${number(to)}: ${words}</title></rect></g>${edge}${label !== undefined && html`<text class="tick" x="${px((start + end) / 2)}" y="${top + 12}" text-anchor="middle">${label}</text>`}\n`;
    },
  )}`;
}

/** The class of a verdict's colour. */
export function classOf(pattern: string): string {
  return pattern === 'classic' || pattern === 'code' ? `${pattern}-1` : 'even';
}

/** Which verdict holds from where to where, from the smallest size to the largest. */
function toSpans({ points, axes, breakEvens }: Sweep, caching: boolean): Span[] {
  const sizes = points.map(({ params }) => Number(params[axes[0]?.name ?? '']));
  const edges = breakEvens.filter((found) => found.caching === caching).sort((a, b) => a.at - b.at);
  const [only] = points.flatMap((point) => decidedAt(point, caching)?.pattern ?? []);
  const first = edges[0]?.below ?? only;
  if (first === undefined) return [];
  return [{ at: Math.min(...sizes), above: first }, ...edges].map(({ at, above }, index) => ({
    from: at,
    to: edges[index]?.at ?? Math.max(...sizes),
    pattern: above,
  }));
}

/** A line for each variant and way of caching, with points in the order of their sizes; what has no value is left out. */
function toLines(
  { axes, points }: Sweep,
  caching: boolean[],
  pick: (result: PointResult, caching: boolean) => number | null,
): Line[] {
  const sized = points
    .flatMap(({ params, results }) =>
      results.map((result) => ({ result, size: Number(params[axes[0]?.name ?? '']) })),
    )
    .sort((a, b) => a.size - b.size);
  const classes = shadeClasses([...new Map(sized.map(({ result }) => [result.variant, result])).values()]);
  const lines = [...classes].flatMap(([variant, colour]) =>
    caching.map(
      (cached): Line => ({
        name: caching.length > 1 ? `${variant}, ${cached ? 'cached' : 'uncached'}` : variant,
        colour,
        isDashed: !cached,
        points: sized.flatMap(({ size, result }) => {
          const value = result.variant === variant ? pick(result, cached) : null;
          return value ? [{ size, value, fits: result.fits }] : [];
        }),
      }),
    ),
  );
  return lines.filter(({ points: own }) => own.length > 0);
}

function valuesOf(lines: readonly Line[]): number[] {
  return lines.flatMap(({ points }) => points.map(({ value }) => value));
}

/** Where the labels of lines stand that end at these levels: in the same order, and never closer than a line of text. */
function labelEnds(levels: readonly number[]): number[] {
  const apart = 16;
  const placed = [...levels];
  const upwards = levels.map((_, index) => index).sort((a, b) => (levels[b] ?? 0) - (levels[a] ?? 0));
  let lowest = height;
  for (const index of upwards) {
    placed[index] = Math.min(placed[index] ?? 0, lowest);
    lowest = (placed[index] ?? 0) - apart;
  }
  // Those that this has pushed over the upper edge come down again.
  let highest = 0;
  for (const index of upwards.toReversed()) {
    placed[index] = Math.max(placed[index] ?? 0, highest);
    highest = (placed[index] ?? 0) + apart;
  }
  return placed;
}
