import { decidedAt } from '../../harness/analysis/sweep.ts';
import { ownMember } from '../../harness/json.ts';
import { compact, number, times } from '../../harness/numbers.ts';
import type { Sweep } from '../../harness/results/sweep.ts';
import type { VerdictPattern } from '../../harness/results/verdict.ts';
import { px } from '../page/view/marks.ts';
import { type Content, html } from '../text/markup.ts';
import { standing } from '../text/words.ts';
import { type Box, draw, type LogAxis, logAxis, widthOf } from './chart.ts';
import { classOf } from './lines.ts';
import { findingLines } from './markdown.ts';

const size = { width: 680, height: 440 };

/** A point of the sweep with the rectangle that stands for it; `ratio` is that of code to classic. */
type Cell = Box & { x: number; y: number; pattern: VerdictPattern; ratio: number | null; label: string };
type Sides = Record<'x' | 'y', ReturnType<typeof sidesOf>>;
type Spot = { x: number; y: number; log: number };

/**
 * Which pattern takes less over two sizes: the first swept parameter goes to the right, the second upwards. Scenarios that were
 * placed stand where their calls and bytes per result put them, in the colour of their own verdict.
 */
export function drawMap(sweep: Sweep, caching: boolean, name: string): string {
  const [across, upwards] = sweep.axes;
  if (!across || !upwards) throw new Error('A map needs two axes.');
  const places = sweep.placed.map(({ scenario, calls, bytes, verdict }) => ({
    name: scenario,
    verdict,
    x: across.name === 'calls' ? calls : bytes,
    y: across.name === 'calls' ? bytes : calls,
  }));
  const sides = { x: sidesOf(sweep, across.name), y: sidesOf(sweep, upwards.name) };
  const reach = (axis: 'x' | 'y') => [
    ...sides[axis].edges,
    ...places.flatMap((place) => [place[axis] / 1.5, place[axis] * 1.5]),
  ];
  const x = logAxis(titleOf(across.name), reach('x'), [0, size.width], compact);
  const y = logAxis(titleOf(upwards.name), reach('y'), [size.height, 0], compact);
  const cells = toCells(sweep, caching, sides, { x, y });
  const border = equalCost(cells, sides);
  const rings = places.map((place) => ({ ...place, left: x.scale(place.x), top: y.scale(place.y) }));
  const { factors, names } = placeLabels(cells, rings, border.flatMap(boxesAlong), size);
  const how = sweep.by !== 'cost' ? sweep.by : caching ? 'cost with caching' : 'cost without caching';
  return draw({
    name,
    title: `Where each pattern takes less: ${how}`,
    description: findingLines(sweep).join(' '),
    subtitle: [
      'In each cell, how many times as much the other pattern takes. * One does not fit the context window.',
      key(sweep, cells),
      ...(places.length > 0
        ? ['Rings: other scenarios by their calls and mean bytes a result, coloured by their own verdict.']
        : []),
    ],
    ...size,
    x,
    y,
    plot: [
      cells.map((cell) => drawCell(cell, sweep, caching)),
      html`<path d="${border.map(([from, to]) => `M${px(from.x)} ${px(from.y)}L${px(to.x)} ${px(to.y)}`).join('')}" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>\n`,
      factors.map(
        ({ text, left, level }) =>
          html`<text class="tick" x="${px(left)}" y="${px(level + 4)}">${text}</text>\n`,
      ),
      rings.map(
        ({ left, top, verdict, ...place }) =>
          html`<circle cx="${px(left)}" cy="${px(top)}" r="5" class="ground"/><circle class="${classOf(verdict)}" cx="${px(left)}" cy="${px(top)}" r="5" stroke="currentColor" stroke-width="2.5"><title>${place.name}: ${verdict}, ${x.title} ${number(place.x)}, ${y.title} ${number(place.y)}</title></circle>\n`,
      ),
      names.map(
        ({ text, left, level }) =>
          html`<text class="tick halo" x="${px(left)}" y="${px(level + 4)}" font-weight="bold">${text}</text>\n`,
      ),
    ],
  });
}

function drawCell(cell: Cell, { by, axes }: Sweep, caching: boolean): Content {
  // As strong as the factor, up to 64, in the logarithm; in pale colours texts can be read on light and dark grounds.
  const strength = 0.14 + 0.4 * Math.min(1, Math.abs(Math.log2(cell.ratio ?? 1)) / 6);
  const where = `${axes[0]?.name} ${number(cell.x)}, ${axes[1]?.name} ${number(cell.y)}`;
  const cached = by === 'cost' ? (caching ? ', with caching' : ', without caching') : '';
  return html`<rect class="${classOf(cell.pattern)}" x="${px(cell.left)}" y="${px(cell.top)}" width="${px(cell.right - cell.left - 1)}" height="${px(cell.bottom - cell.top - 1)}" fill="currentColor" fill-opacity="${strength.toFixed(2)}"><title>${where}${cached}: ${standing(cell.pattern, by)} ${cell.label}</title></rect>\n`;
}

/** What the colours say, of the verdicts that occur. */
function key({ by }: Sweep, cells: readonly Cell[]): Content {
  const order: VerdictPattern[] = ['classic', 'either', 'insufficient', 'neither', 'code'];
  const occurring = order.filter((each) => cells.some(({ pattern }) => pattern === each));
  const items = [...Map.groupBy(occurring, classOf)].map(([colour, patterns]) => ({
    mark: html`<rect class="${colour}" y="-10" width="14" height="13" fill="currentColor" fill-opacity="0.6"/>`,
    words: patterns.map((pattern) => standing(pattern, by)).join(', or '),
  }));
  const line = html`<path d="M0 -4h14" stroke="currentColor" stroke-width="2"/>`;
  items.push({ mark: line, words: `the same ${by}` });
  let left = 0;
  return items.map(({ mark, words }) => {
    const start = left;
    left += widthOf(words) + 36;
    return html`<g transform="translate(${px(start)})">${mark}<text x="20">${words}</text></g>`;
  });
}

/** The values of an axis, and the edges of the stretches that stand for them, half-way (in the logarithm) between neighbours. */
function sidesOf(sweep: Sweep, name: string): { values: number[]; edges: number[] } {
  const values = [...new Set(sweep.points.map(({ params }) => Number(params[name])))].sort((a, b) => a - b);
  const between = values.slice(1).map((value, index) => Math.sqrt(value * (values[index] ?? value)));
  const [first = 1, last = 1] = [values[0], values.at(-1)];
  return {
    values,
    edges: [first ** 2 / (between[0] ?? first * 2), ...between, last ** 2 / (between.at(-1) ?? last / 2)],
  };
}

function toCells(sweep: Sweep, caching: boolean, sides: Sides, axes: Record<'x' | 'y', LogAxis>): Cell[] {
  return sweep.points.flatMap((point): Cell[] => {
    const decided = decidedAt(point, caching);
    if (!decided) return [];
    const [x = 0, y = 0] = sweep.axes.map(({ name }) => Number(point.params[name]));
    const [column, row] = [sides.x.values.indexOf(x), sides.y.values.indexOf(y)];
    const [left = 0, right = 0] = sides.x.edges.slice(column, column + 2).map(axes.x.scale);
    const [bottom = 0, top = 0] = sides.y.edges.slice(row, row + 2).map(axes.y.scale);
    const ratio = decided.ratio?.value ?? null;
    const fits = point.results.every((result) => result.fits);
    const label = `${ratio === null ? '' : `${times(Math.max(ratio, 1 / ratio))}×`}${fits ? '' : ' *'}`;
    return [{ x, y, left, right, top, bottom, pattern: decided.pattern, ratio, label }];
  });
}

/** The line along which both take the same, in straight pieces between neighbours whose ratios are on both sides of 1. */
function equalCost(cells: readonly Cell[], sides: Sides): [Spot, Spot][] {
  const [column, row] = [sides.x.values, sides.y.values];
  const found = new Map(cells.map((cell) => [`${cell.x} ${cell.y}`, cell]));
  // One more on each side with the same ratio, so that the line goes on to the edges of the outermost cells.
  const grid = [row[0], ...row, row.at(-1)].map((y, up) =>
    [column[0], ...column, column.at(-1)].map((x, along): Spot | undefined => {
      const cell = found.get(`${x} ${y}`);
      if (!cell || cell.ratio === null) return undefined;
      const { left, right, top, bottom } = cell;
      return {
        x: along === 0 ? left : along > column.length ? right : (left + right) / 2,
        y: up === 0 ? bottom : up > row.length ? top : (top + bottom) / 2,
        log: Math.log(cell.ratio),
      };
    }),
  );
  return grid.slice(1).flatMap((upper, up) =>
    upper.slice(1).flatMap((_, along): [Spot, Spot][] => {
      const corners = [grid[up]?.[along], grid[up]?.[along + 1], upper[along + 1], upper[along]];
      if (!corners.every((corner) => corner !== undefined)) return [];
      const crossings = corners.flatMap((from, index) => {
        const to = corners[(index + 1) % 4] as Spot;
        if (from.log < 0 === to.log < 0) return [];
        const share = from.log / (from.log - to.log);
        return [{ x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y), log: 0 }];
      });
      const [a, b, c, d] = crossings;
      return [...(a && b ? [[a, b] as [Spot, Spot]] : []), ...(c && d ? [[c, d] as [Spot, Spot]] : [])];
    }),
  );
}

/** What a piece of a line covers, as small boxes along it. */
function boxesAlong([from, to]: [Spot, Spot]): Box[] {
  const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 5));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const [x, y] = [from.x + ((to.x - from.x) * step) / steps, from.y + ((to.y - from.y) * step) / steps];
    return boxAround(x, y, 2);
  });
}

function boxAround(x: number, y: number, half: number): Box {
  return { left: x - half, right: x + half, top: y - half, bottom: y + half };
}

/** What an axis over this parameter is called. */
function titleOf(name: string): string {
  return ownMember({ calls: 'tool calls', bytes: 'bytes of each result' }, name) ?? name;
}

/** A text whose left end, at half its height, stands at this place of the plot, in pixels. */
export type Label = { left: number; level: number; text: string };

/** A cell of a map, and a place on it with a name, in pixels. */
type MapCell = Box & { label: string };
type Place = { left: number; top: number; name: string };

/** Half the side of the square that a ring takes, and how far texts keep from it and from the edges of cells. */
const ring = 6;
const gap = 5;

/** Pixels that texts of 11 px take: of a line, and of a character of a factor and of a name, which is bold. */
const lineHeight = 13;
const factorCharacter = 6;
const nameCharacter = 7;

/**
 * Places for the texts of a map such that neither lines nor rings nor names cover what a cell says: a cell's factor stands in
 * the first of its corners that is free, a name on the side of its ring that is most free. `drawn` is what lines cover.
 */
export function placeLabels(
  cells: readonly MapCell[],
  places: readonly Place[],
  drawn: readonly Box[],
  size: { width: number; height: number },
): { factors: Label[]; names: Label[] } {
  const rings = places.map(({ left, top }) => boxAround(left, top, ring));
  const obstacles = [...rings, ...drawn];
  const taken = [...obstacles];
  const factors = cells.map((cell) => {
    const corner = leastCovered(cornersOf(cell), obstacles);
    taken.push(corner);
    return toLabel(corner, cell.label);
  });
  const names = places.map(({ name }, index) => {
    const own = rings[index] as Box;
    const others = taken.filter((box) => box !== own);
    const sides = sideSpotsOf(own, name.length * nameCharacter);
    const inside = sides.filter((box) => isInside(box, size));
    const spot = leastCovered(inside.length > 0 ? inside : sides, others);
    taken.push(spot);
    return toLabel(spot, name);
  });
  return { factors, names };
}

function cornersOf(cell: MapCell): Box[] {
  const width = cell.label.length * factorCharacter;
  const [left, right] = [cell.left + gap, cell.right - gap - width];
  const [top, bottom] = [cell.top + gap, cell.bottom - gap - lineHeight];
  return [top, bottom].flatMap((y) =>
    [left, right].map((x) => ({ left: x, right: x + width, top: y, bottom: y + lineHeight })),
  );
}

/** To the right, to the left, below, above, and the same aslant. */
function sideSpotsOf({ left, right, top, bottom }: Box, width: number): Box[] {
  const [middle, level] = [(left + right) / 2, (top + bottom) / 2];
  const heights = [level, bottom + lineHeight / 2, top - lineHeight / 2];
  const starts = [right + gap - 2, left - gap + 2 - width, middle - width / 2];
  return heights
    .flatMap((height) => starts.map((start) => ({ start, height })))
    .filter(({ start, height }) => height !== level || start !== middle - width / 2)
    .map(({ start, height }) => ({
      left: start,
      right: start + width,
      top: height - lineHeight / 2,
      bottom: height + lineHeight / 2,
    }));
}

/** The first of the boxes that least of the others lies on. */
function leastCovered(boxes: readonly Box[], others: readonly Box[]): Box {
  const coverOf = (box: Box) => others.reduce((sum, other) => sum + overlap(box, other), 0);
  const [first, ...rest] = boxes;
  if (!first) throw new Error('There is no place for a label.');
  return rest.reduce((best, box) => (coverOf(box) < coverOf(best) ? box : best), first);
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

function isInside({ left, right, top, bottom }: Box, size: { width: number; height: number }): boolean {
  return left >= 0 && right <= size.width && top >= 0 && bottom <= size.height;
}

function toLabel({ left, top, bottom }: Box, text: string): Label {
  return { text, left, level: (top + bottom) / 2 };
}
