import { expect, test } from 'vitest';
import { capture } from './bootstrap.ts';
import { createFormatter } from './text.ts';

const format = createFormatter(capture());

test('what is printed of a value is bounded, however little each part of it is', () => {
  let tree: unknown[] = [];
  for (let i = 0; i < 8; i++) tree = [tree, tree, tree, tree];
  const values = {
    'a tree of empty arrays': tree,
    'many empty arrays': Array.from({ length: 1e5 }, () => []),
    'many empty objects': Array.from({ length: 1e5 }, () => ({})),
    'many empty sets': new Set(Array.from({ length: 1e5 }, () => new Set())),
    'many holes': Array.from({ length: 1e5 }),
  };
  for (const [what, value] of Object.entries(values)) {
    expect(format(value, 1000).length, what).toBeLessThan(3000);
  }
});

test('empty containers are shown as they are', () => {
  expect(format([[], {}, new Map(), new Set()], 1000)).toBe('[[],{},Map{},Set{}]');
});
