/** A part of a drawing, in pixels from its left upper corner. */
type Box = { left: number; top: number; right: number; bottom: number };

/** A logarithmic plane: what its edges stand for, and its size in pixels. */
export type Plane = { x: [number, number]; y: [number, number]; width: number; height: number };

/** A text whose left end, at half its height, stands at this place of the plane. */
export type Label = { x: number; y: number; text: string };

type MapCell = { x1: number; x2: number; y1: number; y2: number; label: string };
type Place = { x: number; y: number; scenario: string };

/** Half the side of the square that a ring takes, and how far texts keep from it and from the edges of cells. */
const ring = 6;
const gap = 5;

/** Pixels that texts of 11 px take: of a line, and of a character of a factor and of a name, which is bold. */
const lineHeight = 13;
const factorCharacter = 6;
const nameCharacter = 7;

/**
 * Places for the texts of a map such that neither rings nor names cover what a cell says: a cell's factor stands in the
 * first of its corners that no ring is in, a name on the side of its ring that is most free.
 */
export function placeLabels(
  cells: readonly MapCell[],
  places: readonly Place[],
  plane: Plane,
): { factors: Label[]; names: Label[] } {
  const rings = places.map((place) => {
    const { left, top } = toPixels(place, plane);
    return { left: left - ring, right: left + ring, top: top - ring, bottom: top + ring };
  });
  const taken = [...rings];
  const factors = cells.map((cell) => {
    const corner = leastCovered(cornersOf(cell, plane), rings);
    taken.push(corner);
    return toLabel(corner, cell.label, plane);
  });
  const names = places.map((place, index) => {
    const own = rings[index] as Box;
    const others = taken.filter((box) => box !== own);
    const sides = sidesOf(own, place.scenario.length * nameCharacter);
    const inside = sides.filter((box) => isInside(box, plane));
    const spot = leastCovered(inside.length > 0 ? inside : sides, others);
    taken.push(spot);
    return toLabel(spot, place.scenario, plane);
  });
  return { factors, names };
}

function cornersOf({ x1, x2, y1, y2, label }: MapCell, plane: Plane): Box[] {
  const [start, end] = [toPixels({ x: x1, y: y2 }, plane), toPixels({ x: x2, y: y1 }, plane)];
  const width = label.length * factorCharacter;
  const [left, right] = [start.left + gap, end.left - gap - width];
  const [top, bottom] = [start.top + gap, end.top - gap - lineHeight];
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

function isInside({ left, right, top, bottom }: Box, { width, height }: Plane): boolean {
  return left >= 0 && right <= width && top >= 0 && bottom <= height;
}

function toPixels({ x, y }: { x: number; y: number }, plane: Plane): { left: number; top: number } {
  const share = (value: number, [low, high]: [number, number]) =>
    Math.log(value / low) / Math.log(high / low);
  return { left: share(x, plane.x) * plane.width, top: (1 - share(y, plane.y)) * plane.height };
}

function toLabel({ left, top, bottom }: Box, text: string, { x, y, width, height }: Plane): Label {
  const at = ([low, high]: [number, number], share: number) => low * (high / low) ** share;
  return { text, x: at(x, left / width), y: at(y, 1 - (top + bottom) / 2 / height) };
}
