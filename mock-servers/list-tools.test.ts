import { expect, test } from 'vitest';
import { z } from 'zod';
import { getTool, listTool } from './list-tools.ts';
import { defineMockServer } from './mock-server.ts';
import { Table } from './table.ts';
import { openServer } from './testing/open-server.ts';
import { idForm } from './values.ts';

const schema = z.object({ id: z.string(), colour: z.string(), size: z.int() });
const colours = ['red', 'blue', 'red', 'green', 'red'];

const shop = openServer(
  defineMockServer({
    name: 'shop',
    title: 'Shop',
    version: '1.0.0',
    instructions: '',
    options: z.object({ seed: z.int().default(1) }),
    create() {
      const idOf = idForm('s_', 2);
      const rows = colours.map((colour, index) => ({ id: idOf(index + 1), colour, size: 9 - index }));
      const table = new Table('shirt', rows, idOf);
      const named = { title: 'Shirts', description: 'Shirts.', schema, table };
      const filters = { colour: z.string().optional(), minSize: z.int().optional() };
      return {
        tools: [
          getTool({ ...named, name: 'get_shirt', key: 'shirt' }),
          listTool({
            ...named,
            name: 'list_shirts',
            key: 'shirts',
            filters,
            where: { minSize: ({ size }, least) => size >= least },
            sorts: ['size'],
            sort: '-size',
          }),
        ],
        changes: () => table.changes(),
      };
    },
  }),
);
const idsOf = (args: object) =>
  shop.call<{ shirts: { id: string }[] }>('list_shirts', { ...args }).shirts.map(({ id }) => id);

test('filters combine: by field where nothing else is said, else by their own rule', () => {
  expect(idsOf({ colour: 'red' })).toEqual(['s_01', 's_03', 's_05']);
  expect(idsOf({ minSize: 8 })).toEqual(['s_01', 's_02']);
  expect(idsOf({ colour: 'red', minSize: 7 })).toEqual(['s_01', 's_03']);
});

test('rows come in the usual order unless sorted otherwise, and in pages', () => {
  expect(idsOf({ sort: 'size', limit: 2 })).toEqual(['s_05', 's_04']);
  expect(shop.readAll('list_shirts', 'shirts', { limit: 2 })).toHaveLength(5);
});

test('a row is got by its id', () => {
  expect(shop.call('get_shirt', { id: 's_02' })).toEqual({ shirt: { id: 's_02', colour: 'blue', size: 8 } });
  expect(shop.failure('get_shirt', { id: 's_99' })).toContain('shirt "s_99" not found');
});
