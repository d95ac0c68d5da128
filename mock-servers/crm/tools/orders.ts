import { z } from 'zod';
import * as lists from '../../lists.ts';
import { defineTool, type MockTool } from '../../mock-server.ts';
import type { Account } from '../account.ts';
import * as own from '../arguments.ts';
import { type Order, orderSchema, orderStatus } from '../schemas.ts';

/** Tools that read orders; none writes them. */
export const orderTools: MockTool<Account>[] = [
  defineTool({
    name: 'get_order',
    title: 'Get an order',
    description: 'Returns one order with its items, by id.',
    input: z.strictObject({ id: z.string().describe('Order id, such as ord_0001234') }),
    output: z.object({ order: orderSchema }),
    annotations: lists.reads,
    handle: ({ id }, account) => ({ order: account.orders.need(id) }),
  }),
  defineTool({
    name: 'list_orders',
    title: 'List orders',
    description: `Returns orders with their items, page by page, newest first unless sorted otherwise. ${lists.paged}`,
    input: z.strictObject({
      contactId: own.contactId.optional(),
      companyId: own.companyId.optional(),
      status: orderStatus.optional(),
      minTotal: z.number().min(0).optional().describe('Total in EUR of at least this'),
      maxTotal: z.number().min(0).optional().describe('Total in EUR of at most this'),
      placedAfter: lists.timestamp.optional().describe('Placed at this time or later'),
      placedBefore: lists.timestamp.optional().describe('Placed before this time'),
      sort: z
        .enum(lists.sortKeys('placedAt', 'total'))
        .default('-placedAt')
        .describe('Field to sort by; falling with a leading minus'),
      ...lists.pageArguments,
    }),
    output: z.object({ orders: z.array(orderSchema), ...lists.pageFields }),
    annotations: lists.reads,
    handle(args, account) {
      account.requireKnown(args);
      const candidates =
        args.contactId === undefined ? account.orders.all() : account.ordersOf(args.contactId);
      const hasWanted = lists.hasValues<Order>(args, 'companyId', 'status');
      const placed = lists.inRange(args.placedAfter, args.placedBefore);
      const { minTotal = 0, maxTotal = Infinity } = args;
      const matches = candidates.filter(
        (order) =>
          hasWanted(order) && order.total >= minTotal && order.total <= maxTotal && placed(order.placedAt),
      );
      const { rows, ...page } = lists.pageOf(sortOrders(matches, args.sort), args);
      return { orders: rows, ...page };
    },
  }),
  defineTool({
    name: 'get_last_order',
    title: 'Get the last order of a contact',
    description:
      'Returns the newest order of a contact by placedAt, whatever its status, cancelled and refunded ones included; null if the contact has never ordered.',
    input: z.strictObject({ contactId: own.contactId }),
    output: z.object({ order: orderSchema.nullable() }),
    annotations: lists.reads,
    handle: ({ contactId }, account) => ({
      order: account.ordersOf(account.contacts.need(contactId).id).at(-1) ?? null,
    }),
  }),
];

/** Orders are kept in order of `placedAt` and id, so sorting by that costs no comparisons. */
function sortOrders(orders: readonly Order[], sort: string): readonly Order[] {
  if (sort === 'placedAt') return orders;
  return sort === '-placedAt' ? orders.toReversed() : lists.sortRows(orders, sort);
}
