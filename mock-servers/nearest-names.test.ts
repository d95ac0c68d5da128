import { expect, test } from 'vitest';
import { nearestNames } from './nearest-names.ts';

const NAMES = ['get_contact', 'get_contacts', 'list_orders', 'get_order'];

test('a misspelt name finds what was meant, nearest first', () => {
  expect(nearestNames('get_contcts', NAMES)).toEqual(['get_contacts', 'get_contact']);
  expect(nearestNames('GET_ORDER', NAMES)[0]).toBe('get_order');
});

test('part of a name finds it', () => {
  expect(nearestNames('orders', NAMES)).toContain('list_orders');
});

test('something else altogether finds nothing', () => {
  expect(nearestNames('zzzzzzzz', NAMES)).toEqual([]);
});
