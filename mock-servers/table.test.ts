import { expect, test } from 'vitest';
import { changesOf, Table } from './table.ts';

type Item = { id: string; name: string; updatedAt: number };

const one: Item = { id: 'i1', name: 'one', updatedAt: 1 };
const two: Item = { id: 'i2', name: 'two', updatedAt: 1 };
const three: Item = { id: 'i3', name: 'three', updatedAt: 1 };

function items(): Table<Item> {
  return new Table<Item>('item', [one, two], (number) => `i${number}`, ['updatedAt']);
}

test('a table without writes has no changes', () => {
  expect(items().changes()).toEqual([]);
});

test('creating, updating and deleting are listed by id with the rows before and after', () => {
  const table = items();
  table.put(three);
  table.delete('i2');
  table.put({ ...one, name: 'uno' });
  expect(table.changes()).toEqual([
    { operation: 'update', entity: 'item', id: 'i1', before: one, after: { ...one, name: 'uno' } },
    { operation: 'delete', entity: 'item', id: 'i2', before: two },
    { operation: 'create', entity: 'item', id: 'i3', after: three },
  ]);
});

test('what was created and deleted again is no change', () => {
  const table = items();
  table.put(three);
  table.delete('i3');
  expect(table.changes()).toEqual([]);
});

test('what was updated back is no change, even though the derived updatedAt moved on', () => {
  const table = items();
  table.put({ ...one, name: 'uno', updatedAt: 2 });
  table.put({ ...one, updatedAt: 3 });
  expect(table.changes()).toEqual([]);
});

test('what was deleted and created again otherwise is an update', () => {
  const table = items();
  table.delete('i1');
  table.put({ ...one, name: 'uno' });
  expect(table.changes().map(({ operation }) => operation)).toEqual(['update']);
});

test('rows stay in order of creation when they are replaced', () => {
  const table = items();
  table.put(three);
  table.put({ ...one, name: 'uno' });
  expect(table.all().map(({ id }) => id)).toEqual(['i1', 'i2', 'i3']);
});

test('an id that no row has is refused with what ids look like', () => {
  expect(items().need('i2')).toBe(two);
  expect(() => items().need('nine')).toThrow('item "nine" not found; ids of this kind look like i7');
});

test('a new id is of no row, also where rows were deleted', () => {
  const table = items();
  const id = table.newId();
  table.put({ ...three, id });
  table.delete(id);
  expect([id, table.newId()]).toEqual(['i3', 'i4']);
});

test('changes of several tables are in order of their entities', () => {
  const [first, second] = [new Table<Item>('b', [], String), new Table<Item>('a', [], String)];
  first.put(one);
  second.put(two);
  expect(changesOf(first, second).map(({ entity }) => entity)).toEqual(['a', 'b']);
});
