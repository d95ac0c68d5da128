import type { Box } from './chart.ts';

/** A text whose left end, at half its height, stands at this place of the plot, in pixels. */
export type Label = { left: number; level: number; text: string };

/** A cell of a map, and a place on it with a name, in pixels. */
type MapCell = Box & { label: string };
export type Place = { left: number; top: number; name: string };

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
  const rings = places.map(({ left, top }) => ({
    left: left - ring,
    right: left + ring,
    top: top - ring,
    bottom: top + ring,
  }));
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
    const sides = sidesOf(own, name.length * nameCharacter);
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
  return [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
  ].map(([x = 0, y = 0]) => ({ left: x, right: x + width, top: y, bottom: y + lineHeight }));
}

/** To the right, to the left, below, above, and the same aslant. */
function sidesOf({ left, right, top, bottom }: Box, width: number): Box[] {
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
