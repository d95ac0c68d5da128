import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

describe('edit distance', () => {
  test.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
    ['ab', 'ba', 1],
    ['read_file', 'raed_file', 1],
    ['ca', 'abc', 3],
  ])('between %j and %j is %i', (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
    expect(editDistance(right, left)).toBe(distance);
  });
});

describe('the nearest names', () => {
  const names = ['get_last_order', 'get_first_order', 'list_customers', 'delete_customer', 'search'].concat([
    'get_contact',
    'get_contacts',
    'list_orders',
    'get_order',
  ]);

  test.each([
    ['get_lsat_order', 'get_last_order'],
    ['getLastOrder', 'get_last_order'],
    ['GET-LAST-ORDER', 'get_last_order'],
    ['customers', 'list_customers'],
    ['searhc', 'search'],
    ['get_contcts', 'get_contacts'],
    ['GET_ORDER', 'get_order'],
    ['orders', 'list_orders'],
  ])('to %j begin with %j', (name, expected) => {
    expect(nearest(name, names)[0]).toBe(expected);
  });

  test('leave out what has nothing in common', () => {
    expect(nearest('zzzzzz', names)).toEqual([]);
    expect(nearest('', names)).toEqual([]);
  });

  test('do not depend on the order of the candidates', () => {
    expect(nearest('order', [...names].reverse(), 2)).toEqual(nearest('order', names, 2));
  });

  test('of 10,000 characters among 10,000 candidates are found in short time', () => {
    const candidates = Array.from({ length: 10_000 }, (_, i) => `${'x'.repeat(200)}${i}`);
    const start = performance.now();
    expect(nearest('x'.repeat(10_000), candidates)).toHaveLength(3);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
