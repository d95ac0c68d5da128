import { z } from 'zod';
import { getTool, listTool } from '../list-tools.ts';
import * as lists from '../lists.ts';
import { defineTextTool, defineTool, type MockTool, MockToolError } from '../mock-server.ts';
import { fromCents, NOW, toCents } from '../values.ts';
import * as data from './dataset.ts';
import type { Shop } from './server.ts';

/** Tools that read. The carrier's own ones are as such tools often are: oddly named, text alone, and long. */
export function readTools({ products, levels, orders, payments, shipments }: Shop): MockTool[] {
  return [
    getTool({
      name: 'get_product',
      title: 'Get a product',
      description: 'Returns one product by SKU.',
      key: 'product',
      schema: data.productSchema,
      table: products,
    }),
    listTool({
      name: 'list_products',
      title: 'List products',
      description: `Returns products page by page. ${lists.paged}`,
      key: 'products',
      schema: data.productSchema,
      table: products,
      filters: { maxPrice: z.number().min(0).optional(), query: lists.searchText.optional() },
      where: {
        maxPrice: ({ price }, most) => price <= most,
        query: ({ name }, query) => lists.containsWords(name.toLowerCase(), query),
      },
      sorts: ['name', 'price'],
    }),
    defineTool({
      name: 'get_stock',
      title: 'Get the stock of a product',
      description: 'Returns what each warehouse has of a product, and what can be sold of it in all.',
      input: z.strictObject({ sku: z.string().describe('Such as PAP-A4-080') }),
      output: z.object({ levels: z.array(data.levelSchema), available: z.int() }),
      annotations: lists.reads,
      handle({ sku }) {
        products.need(sku);
        const own = levels.all().filter((level) => level.sku === sku);
        return { levels: own, available: own.reduce((sum, level) => sum + level.onHand - level.reserved, 0) };
      },
    }),
    listTool({
      name: 'list_stock_levels',
      title: 'List stock levels',
      description: `Returns stock by product and warehouse. ${lists.paged}`,
      key: 'levels',
      schema: data.levelSchema,
      table: levels,
      filters: {
        warehouse: data.warehouse.optional(),
        belowReorderPoint: z
          .boolean()
          .optional()
          .describe('Only those that are, or are not, to be reordered'),
      },
      where: {
        belowReorderPoint: ({ onHand, reserved, reorderPoint }, wanted) =>
          onHand - reserved < reorderPoint === wanted,
      },
    }),
    getTool({
      name: 'get_order',
      title: 'Get an order',
      description: 'Returns one order with its lines, by id.',
      key: 'order',
      schema: data.orderSchema,
      table: orders,
    }),
    listTool({
      name: 'list_orders',
      title: 'List orders',
      description: `Returns orders with their lines, newest first unless sorted otherwise. ${lists.paged}`,
      key: 'orders',
      schema: data.orderSchema,
      table: orders,
      filters: {
        customerId: z.string().optional(),
        companyId: z.string().optional(),
        status: data.orderSchema.shape.status.optional(),
        minTotal: z.number().min(0).optional().describe('Total in EUR of at least this'),
        placedAfter: lists.timestamp.optional().describe('Placed at this time or later'),
      },
      where: {
        minTotal: ({ total }, least) => total >= least,
        placedAfter: ({ placedAt }, after) => lists.inRange(after, undefined)(placedAt),
      },
      sorts: ['placedAt', 'total'],
      sort: '-placedAt',
    }),
    getTool({
      name: 'get_payment',
      title: 'Get a payment',
      description: 'Returns one payment by id.',
      key: 'payment',
      schema: data.paymentSchema,
      table: payments,
    }),
    listTool({
      name: 'list_payments',
      title: 'List payments',
      description: `Returns payments, oldest first. ${lists.paged}`,
      key: 'payments',
      schema: data.paymentSchema,
      table: payments,
      filters: {
        orderId: z.string().optional(),
        status: data.paymentSchema.shape.status.optional(),
        method: data.paymentSchema.shape.method.optional(),
      },
    }),
    listTool({
      name: 'list_shipments',
      title: 'List shipments',
      description: `Returns shipments, oldest first. ${lists.paged}`,
      key: 'shipments',
      schema: data.shipmentSchema,
      table: shipments,
      filters: {
        orderId: z.string().optional(),
        status: data.shipmentSchema.shape.status.optional(),
        carrier: data.shipmentSchema.shape.carrier.optional(),
        shippedAfter: lists.timestamp.optional().describe('Shipped at this time or later'),
        late: z.boolean().optional().describe('Only those delivered, or still under way, after the promise'),
      },
      where: {
        shippedAfter: ({ shippedAt }, after) => lists.inRange(after, undefined)(shippedAt),
        late: (shipment, wanted) => isLate(shipment) === wanted,
      },
    }),
    defineTextTool({
      name: 'TRK_queryParcelStatusV2',
      title: 'Query parcel status (v2)',
      description:
        'Query parcel status. IMPORTANT: use V2, V1 is deprecated. Pass the tracking code exactly as printed on the label (with the TRK prefix, no blanks, no dashes). The response is plain text, one scan a line, newest last, followed by the carrier notice. Times are those of the depot that scanned the parcel and are not converted. Do not call more than once a minute for the same parcel. Errors are reported as text as well. For returns use the returns portal. This tool does not support pallets; for pallets please contact your carrier representative or call the freight desk, quoting the consignment number.',
      input: z.strictObject({ trackingCode: z.string() }),
      annotations: lists.reads,
      handle: ({ trackingCode }) =>
        scansOf(shipments.all().find((each) => each.trackingCode === trackingCode)),
    }),
    defineTextTool({
      name: 'quote_shipping',
      title: 'Quote shipping',
      description: 'Returns what each carrier takes to deliver a weight to a country.',
      input: z.strictObject({ weightKg: z.number().positive(), country: lists.country }),
      annotations: lists.reads,
      handle: ({ weightKg, country }) =>
        data.CARRIERS.map((carrier, index) => {
          const cents =
            690 + 40 * index + Math.round(weightKg * (95 - 20 * index)) + (country === 'DE' ? 0 : 850);
          return `${carrier}: ${fromCents(cents).toFixed(2)} EUR, ${2 + index} days`;
        }).join('\n'),
    }),
    defineTool({
      name: 'report_sales',
      title: 'Report sales by product',
      description: 'Sums the lines of orders placed in a period by product; cancelled orders are left out.',
      input: z.strictObject({
        placedAfter: lists.timestamp,
        placedBefore: lists.timestamp.optional().describe('Open unless given'),
      }),
      output: z.object({
        products: z.array(z.object({ sku: z.string(), quantity: z.int(), revenue: z.number() })),
      }),
      annotations: lists.reads,
      handle({ placedAfter, placedBefore }) {
        const placed = lists.inRange(placedAfter, placedBefore);
        const sold = new Map<string, { sku: string; quantity: number; cents: number }>();
        for (const { status, placedAt, lines } of orders.values()) {
          if (status === 'cancelled' || !placed(placedAt)) continue;
          for (const { sku, quantity, unitPrice } of lines) {
            const row = sold.get(sku) ?? { sku, quantity: 0, cents: 0 };
            sold.set(sku, row);
            row.quantity += quantity;
            row.cents += quantity * toCents(unitPrice);
          }
        }
        const rows = [...sold.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
        return { products: rows.map(({ cents, ...row }) => ({ ...row, revenue: fromCents(cents) })) };
      },
    }),
  ];
}

/** Delivered after it was promised, or promised for a time that has passed. */
function isLate({ promisedAt, deliveredAt }: data.Shipment): boolean {
  return (deliveredAt ?? NOW) > promisedAt;
}

function scansOf(shipment: data.Shipment | undefined): string {
  if (shipment === undefined) throw new MockToolError('ERR 404: parcel unknown');
  const { trackingCode, carrier, shippedAt, promisedAt, deliveredAt, status } = shipment;
  const places = [
    'label created',
    'handed over at origin',
    'sorting centre',
    'linehaul departed',
    'linehaul arrived',
  ];
  return [
    `${carrier.toUpperCase()} PARCEL ${trackingCode}`,
    ...places.map(
      (place, index) => `${shippedAt.slice(0, 10)} ${String(8 + 2 * index).padStart(2, '0')}:15 ${place}`,
    ),
    `ETA ${promisedAt.slice(0, 10)}`,
    status === 'lost'
      ? 'LAST STATUS: no scan for 10 days, search order opened'
      : `LAST STATUS: ${deliveredAt ? `delivered ${deliveredAt}` : 'in transit'}`,
    'Notice: delivery times are estimates and not guaranteed. Claims are accepted within 21 days of handover. Liability is limited to EUR 500 a parcel unless a higher value was declared. See the general conditions of carriage.',
  ].join('\n');
}
