import { z } from 'zod';
import { CATALOGUE } from '../crm/dataset/orders.ts';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { remembered } from '../late.ts';
import { createRandom } from '../random.ts';
import { DAY_MS, fromCents, idForm, NOW_MS, timestamp } from '../values.ts';

const instant = z.iso.datetime();
const amount = z.number().describe('EUR');

const WAREHOUSES = ['BER', 'LYO', 'AMS'] as const;
export const warehouse = z.enum(WAREHOUSES).describe('Berlin, Lyon or Amsterdam');
export const CARRIERS = ['Nordfracht', 'Colivite', 'Paketdienst Mitte'] as const;

export const productSchema = z.object({
  id: z.string().describe('SKU, such as PAP-A4-080'),
  name: z.string(),
  price: amount,
  weightKg: z.number(),
});

export const levelSchema = z.object({
  id: z.string().describe('SKU and warehouse, such as PAP-A4-080@BER'),
  sku: z.string(),
  warehouse,
  onHand: z.int(),
  reserved: z.int(),
  reorderPoint: z.int().describe('Reorder once onHand - reserved is below this'),
});

const line = z.object({ sku: z.string(), quantity: z.int(), unitPrice: amount });

export const orderSchema = z.object({
  id: z.string().describe('Order id, such as ord_0001234; orders of the CRM have the same'),
  customerId: z.string().describe('Contact id of the CRM, such as con_000123'),
  companyId: z.string(),
  status: z.enum(['draft', 'pending', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded']),
  placedAt: instant.nullable().describe('Null while a draft'),
  lines: z.array(line),
  discount: amount,
  shipping: amount,
  total: amount.describe('Lines minus discount plus shipping'),
  note: z.string(),
});

export const paymentSchema = z.object({
  id: z.string().describe('Payment id, such as pay_0001234'),
  orderId: z.string(),
  method: z.enum(['invoice', 'card', 'transfer']),
  status: z.enum(['authorised', 'captured', 'failed', 'refunded', 'disputed']),
  amount,
  refunded: amount,
  createdAt: instant,
});

export const shipmentSchema = z.object({
  id: z.string().describe('Shipment id, such as shp_0001234'),
  orderId: z.string(),
  carrier: z.enum(CARRIERS),
  trackingCode: z.string(),
  status: z.enum(['in_transit', 'delivered', 'lost']),
  shippedAt: instant,
  promisedAt: instant.describe('Delivery is late after this'),
  deliveredAt: instant.nullable(),
});

export type Product = z.output<typeof productSchema>;
export type Level = z.output<typeof levelSchema>;
export type Order = z.output<typeof orderSchema>;
export type Payment = z.output<typeof paymentSchema>;
export type Shipment = z.output<typeof shipmentSchema>;

export const idOf = {
  // Neither is numbered, and no tool adds one: these show what they look like.
  product: () => 'PAP-A4-080',
  level: () => 'PAP-A4-080@BER',
  order: idForm('ord_', 7),
  payment: idForm('pay_', 7),
  shipment: idForm('shp_', 7),
};

/** The shop behind the CRM of the same size and seed: its orders, with what was paid and sent for each, and the stock. */
export function makeDataset({ contacts, seed }: { contacts: number; seed: number }) {
  const random = createRandom(seed, 'commerce');
  const products = CATALOGUE.map(
    ([sku, name, cents]): Product => ({
      id: sku,
      name,
      price: fromCents(cents),
      weightKg: Math.max(0.2, Math.round(cents / 150) / 10),
    }),
  );
  const levels = products.flatMap(({ id: sku }) =>
    WAREHOUSES.map((warehouse): Level => {
      const onHand = random.integer(0, 120);
      return {
        id: `${sku}@${warehouse}`,
        sku,
        warehouse,
        onHand,
        reserved: random.integer(0, Math.floor(onHand / 2)),
        reorderPoint: random.integer(5, 30),
      };
    }),
  );
  const orders: Order[] = [];
  const payments: Payment[] = [];
  const shipments: Shipment[] = [];
  for (const { id, contactId, companyId, status, placedAt, shippedAt, items, total } of readCrm({
    contacts,
    seed,
  }).orders) {
    const lines = items.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }));
    orders.push({
      id,
      customerId: contactId,
      companyId,
      status,
      placedAt,
      lines,
      discount: 0,
      shipping: 0,
      total,
      note: '',
    });
    if (status !== 'pending' && status !== 'cancelled') {
      const isRefunded = status === 'refunded';
      payments.push({
        id: idOf.payment(payments.length + 1),
        orderId: id,
        method: random.pick(['invoice', 'card', 'transfer']),
        status: isRefunded ? 'refunded' : random.chance(0.04) ? 'disputed' : 'captured',
        amount: total,
        refunded: isRefunded ? total : 0,
        createdAt: timestamp(Date.parse(placedAt) + random.integer(0, DAY_MS)),
      });
    }
    if (shippedAt !== null) shipments.push(makeShipment(id, Date.parse(shippedAt), shipments.length + 1));
  }
  return { products, levels, orders, payments, shipments };

  function makeShipment(orderId: string, shippedMs: number, number: number): Shipment {
    const promisedMs = shippedMs + 3 * DAY_MS;
    const deliveredMs = shippedMs + random.integer(DAY_MS, 4.5 * DAY_MS);
    const isLost = random.chance(0.05);
    const isDelivered = !isLost && deliveredMs < NOW_MS;
    return {
      id: idOf.shipment(number),
      orderId,
      carrier: random.pick(CARRIERS),
      trackingCode: `TRK${random.integer(10_000_000, 99_999_999)}`,
      status: isLost ? 'lost' : isDelivered ? 'delivered' : 'in_transit',
      shippedAt: timestamp(shippedMs),
      promisedAt: timestamp(promisedMs),
      deliveredAt: isDelivered ? timestamp(deliveredMs) : null,
    };
  }
}

export type Dataset = ReturnType<typeof makeDataset>;

/** The data of `makeDataset` for readers that ask again and again; they must not change it. */
export const readDataset = remembered(makeDataset);
