import { z } from 'zod';
import { contactsOption, defineMockServer, seedOption } from '../mock-server.ts';
import { changesOf, Table } from '../table.ts';
import { type Dataset, idOf, makeDataset } from './dataset.ts';
import { readTools } from './reads.ts';
import { writeTools } from './writes.ts';

export type Shop = ReturnType<typeof openShop>;

function openShop({ products, levels, orders, payments, shipments }: Dataset) {
  return {
    products: new Table('product', products, idOf.product),
    levels: new Table('stock_level', levels, idOf.level),
    orders: new Table('order', orders, idOf.order),
    payments: new Table('payment', payments, idOf.payment),
    shipments: new Table('shipment', shipments, idOf.shipment),
  };
}

export default defineMockServer({
  name: 'commerce',
  title: 'Commerce',
  version: '1.0.0',
  instructions:
    'Orders, inventory, payments and shipping of a supplier of workplaces. Customers are the contacts of its CRM. Amounts are in EUR, timestamps in UTC, the present is 2026-06-30T12:00:00Z. Lists come in pages: pass nextCursor as cursor until it is null.',
  options: z.object({
    contacts: contactsOption('Contacts of the CRM whose orders these are'),
    seed: seedOption,
  }),
  create(options) {
    const shop = openShop(makeDataset(options));
    return {
      tools: [...readTools(shop), ...writeTools(shop)],
      changes: () => changesOf(...Object.values(shop)),
    };
  },
});
