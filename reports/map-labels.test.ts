import { expect, test } from 'vitest';
import { type Label, type Plane, placeLabels } from './map-labels.ts';

const plane: Plane = { x: [1, 10_000], y: [100, 10_000], width: 680, height: 440 };
const sizes = (from: number, to: number, count: number) =>
  Array.from({ length: count + 1 }, (_, index) => from * (to / from) ** (index / count));
const cells = sizes(...plane.x, 6)
  .slice(1)
  .flatMap((x2, column) =>
    sizes(...plane.y, 6)
      .slice(1)
      .map((y2, row) => ({
        x1: sizes(...plane.x, 6)[column] ?? 0,
        x2,
        y1: sizes(...plane.y, 6)[row] ?? 0,
        y2,
        label: '12,345× *',
      })),
  );

/** Where a text lies, in pixels, a little narrower than it is drawn. */
function boxOf({ x, y, text }: Label) {
  const left = (Math.log(x / plane.x[0]) / Math.log(plane.x[1] / plane.x[0])) * plane.width;
  const level = (1 - Math.log(y / plane.y[0]) / Math.log(plane.y[1] / plane.y[0])) * plane.height;
  return { left, right: left + text.length * 5.8, top: level - 5, bottom: level + 5 };
}

type Box = ReturnType<typeof boxOf>;
const meet = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

test('neither rings nor names cover the factor of a cell, or each other, wherever scenarios stand', () => {
  // In the corner where a cell's factor stands first, in the middle of a cell, two close together, and at the edges.
  const places = [
    { scenario: 'in-the-corner', x: 1.15, y: 4000 },
    { scenario: 'in-the-middle', x: 40, y: 700 },
    { scenario: 'close-to-it', x: 45, y: 800 },
    { scenario: 'at-the-right-edge', x: 9000, y: 300 },
    { scenario: 'at-the-top', x: 500, y: 9900 },
  ];
  const { factors, names } = placeLabels(cells, places, plane);
  expect(factors.map(({ text }) => text)).toEqual(cells.map(({ label }) => label));
  expect(names.map(({ text }) => text)).toEqual(places.map(({ scenario }) => scenario));
  const rings = places.map(({ x, y }) => {
    const { left, top } = boxOf({ x, y, text: '' });
    return { left: left - 5, right: left + 5, top, bottom: top + 10 };
  });
  const boxes = [...factors.map(boxOf), ...names.map(boxOf), ...rings];
  for (const [index, box] of boxes.entries()) {
    expect(boxes.slice(index + 1).filter((other) => meet(box, other))).toEqual([]);
    expect(box.right).toBeLessThanOrEqual(plane.width + 6);
  }
});

test('a factor keeps the upper left corner where nothing is in the way', () => {
  const { factors } = placeLabels(cells.slice(0, 1), [], plane);
  const [first] = factors.map(boxOf);
  const corner = boxOf({ x: cells[0]?.x1 ?? 0, y: cells[0]?.y2 ?? 0, text: '' });
  expect(first?.left).toBeCloseTo(corner.left + 5, 5);
  expect((first?.top ?? 0) - corner.top).toBeLessThan(15);
});
