import { expect, test } from 'vitest';
import { type Label, placeLabels } from './map.ts';

const size = { width: 680, height: 440 };
const steps = [0, 1, 2, 3, 4, 5];
const cells = steps.flatMap((column) =>
  steps.map((row) => ({
    left: (column * size.width) / 6,
    right: ((column + 1) * size.width) / 6,
    top: (row * size.height) / 6,
    bottom: ((row + 1) * size.height) / 6,
    label: '12,345× *',
  })),
);

/** Where a text lies, a little narrower than it is drawn. */
function boxOf({ left, level, text }: Label) {
  return { left, right: left + text.length * 5.8, top: level - 5, bottom: level + 5 };
}

type Box = ReturnType<typeof boxOf>;
const meet = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

// In the corner where a cell's factor stands first, in the middle of a cell, two close together, and at the edges.
const places = [
  { name: 'in-the-corner', left: 10, top: 87 },
  { name: 'in-the-middle', left: 272, top: 254 },
  { name: 'close-to-it', left: 281, top: 241 },
  { name: 'at-the-right-edge', left: 672, top: 335 },
  { name: 'at-the-top', left: 458, top: 1 },
];

/** A line down through the first corners of a column of cells, in small boxes. */
const line = Array.from({ length: 88 }, (_, step) => ({
  left: 130,
  right: 134,
  top: step * 5,
  bottom: step * 5 + 4,
}));

test('neither lines nor rings nor names cover the factor of a cell, or each other, wherever scenarios stand', () => {
  const { factors, names } = placeLabels(cells, places, line, size);
  expect(factors.map(({ text }) => text)).toEqual(cells.map(({ label }) => label));
  expect(names.map(({ text }) => text)).toEqual(places.map(({ name }) => name));
  const rings = places.map(({ left, top }) => ({
    left: left - 5,
    right: left + 5,
    top: top - 5,
    bottom: top + 5,
  }));
  const boxes = [...factors.map(boxOf), ...names.map(boxOf), ...rings];
  for (const [index, box] of boxes.entries()) {
    expect([...boxes.slice(index + 1), ...line].filter((other) => meet(box, other))).toEqual([]);
    expect(box.right).toBeLessThanOrEqual(size.width + 6);
  }
});

test('a factor keeps the upper left corner where nothing is in the way', () => {
  const { factors } = placeLabels(cells.slice(0, 1), [], [], size);
  const [first] = factors.map(boxOf);
  expect(first?.left).toBeCloseTo(5, 5);
  expect(first?.top).toBeLessThan(15);
});
