import { z } from 'zod';
import * as lists from '../lists.ts';
import { defineTool, type MockTool, MockToolError } from '../mock-server.ts';
import { DAY_MS, fromCents, NOW, NOW_MS, timestamp, toCents } from '../values.ts';
import * as data from './dataset.ts';
import type { Shop } from './server.ts';

const orderId = z.string().describe('Such as ord_0001234');
const paymentId = z.string().describe('Such as pay_0001234');
const sku = z.string().describe('Such as PAP-A4-080');
const quantity = z.int().min(1).max(10_000);

/** Discount codes: the share of the lines that they take off. */
const DISCOUNTS: Record<string, number> = { WELCOME5: 0.05, FRAMEWORK10: 0.1 };

/** Tools that change orders, stock, payments and shipments. */
export function writeTools(shop: Shop): MockTool[] {
  const { products, levels, orders, payments, shipments } = shop;
  const output = z.object({ order: data.orderSchema });
  return [
    defineTool({
      name: 'create_draft_order',
      title: 'Create a draft order',
      description: 'Creates an empty order of a customer, to be filled and then placed, and returns it.',
      input: z.strictObject({ customerId: z.string(), companyId: z.string() }),
      output,
      annotations: lists.creates,
      handle({ customerId, companyId }) {
        const order: data.Order = {
          id: orders.newId(),
          customerId,
          companyId,
          status: 'draft',
          placedAt: null,
          lines: [],
          discount: 0,
          shipping: 0,
          total: 0,
          note: '',
        };
        orders.put(order);
        return { order };
      },
    }),
    defineTool({
      name: 'add_order_line',
      title: 'Add a line to a draft order',
      description: 'Adds a product to a draft order at its present price, and returns the order.',
      input: z.strictObject({ orderId, sku, quantity }),
      output,
      annotations: lists.creates,
      handle(args) {
        const order = needDraft(args.orderId);
        const line = { sku: args.sku, quantity: args.quantity, unitPrice: products.need(args.sku).price };
        return save({ ...order, lines: [...order.lines, line] });
      },
    }),
    defineTool({
      name: 'apply_discount',
      title: 'Apply a discount code',
      description: 'Takes the share of a code off the lines of a draft order. One code per order.',
      input: z.strictObject({ orderId, code: z.string() }),
      output,
      annotations: lists.replaces,
      handle({ orderId, code }) {
        const order = needDraft(orderId);
        const share = DISCOUNTS[code];
        if (share === undefined)
          throw new MockToolError(`code ${JSON.stringify(code.slice(0, 40))} is not valid`);
        return save({ ...order, discount: fromCents(Math.round(centsOf(order) * share)) });
      },
    }),
    defineTool({
      name: 'set_shipping',
      title: 'Set the shipping of a draft order',
      description: 'Sets what shipping costs, in EUR, as quoted.',
      input: z.strictObject({ orderId, amount: z.number().min(0) }),
      output,
      annotations: lists.replaces,
      handle: ({ orderId, amount }) => save({ ...needDraft(orderId), shipping: amount }),
    }),
    defineTool({
      name: 'add_order_note',
      title: 'Set the note of an order',
      description: 'Replaces the note that is printed on the delivery slip.',
      input: z.strictObject({ orderId, note: z.string().max(500) }),
      output,
      annotations: lists.replaces,
      handle: ({ orderId, note }) => save({ ...orders.need(orderId), note }),
    }),
    defineTool({
      name: 'reserve_stock',
      title: 'Reserve stock',
      description: 'Reserves a quantity of a product in a warehouse. Refused where less is available.',
      input: z.strictObject({ sku, warehouse: data.warehouse, quantity }),
      output: z.object({ level: data.levelSchema }),
      annotations: lists.creates,
      handle(args) {
        const level = levels.need(`${args.sku}@${args.warehouse}`);
        const available = level.onHand - level.reserved;
        if (available < args.quantity) {
          throw new MockToolError(`${level.id}: ${available} available, ${args.quantity} asked for`);
        }
        const after = { ...level, reserved: level.reserved + args.quantity };
        levels.put(after);
        return { level: after };
      },
    }),
    defineTool({
      name: 'place_order',
      title: 'Place a draft order',
      description: 'Makes a draft with lines a pending order.',
      input: z.strictObject({ orderId }),
      output,
      annotations: lists.replaces,
      handle({ orderId }) {
        const order = needDraft(orderId);
        if (order.lines.length === 0) throw new MockToolError(`order ${orderId} has no lines`);
        return save({ ...order, status: 'pending', placedAt: NOW });
      },
    }),
    defineTool({
      name: 'cancel_order',
      title: 'Cancel an order',
      description: 'Cancels an order that was not shipped.',
      input: z.strictObject({ orderId }),
      output,
      annotations: lists.replaces,
      handle({ orderId }) {
        const order = orders.need(orderId);
        if (!['draft', 'pending', 'paid'].includes(order.status)) {
          throw new MockToolError(`order ${orderId} is ${order.status}; it cannot be cancelled`);
        }
        return save({ ...order, status: 'cancelled' });
      },
    }),
    defineTool({
      name: 'authorise_payment',
      title: 'Authorise a payment',
      description: 'Authorises the total of a pending order.',
      input: z.strictObject({ orderId, method: data.paymentSchema.shape.method }),
      output: z.object({ payment: data.paymentSchema }),
      annotations: lists.creates,
      handle({ orderId, method }) {
        const { total, status } = orders.need(orderId);
        if (status !== 'pending') throw new MockToolError(`order ${orderId} is ${status}, not pending`);
        const id = payments.newId();
        return savePayment({
          id,
          orderId,
          method,
          status: 'authorised',
          amount: total,
          refunded: 0,
          createdAt: NOW,
        });
      },
    }),
    defineTool({
      name: 'capture_payment',
      title: 'Capture a payment',
      description: 'Takes an authorised amount; the order is paid then.',
      input: z.strictObject({ paymentId }),
      output: z.object({ payment: data.paymentSchema }),
      annotations: lists.replaces,
      handle({ paymentId }) {
        const payment = payments.need(paymentId);
        if (payment.status !== 'authorised')
          throw new MockToolError(`payment ${paymentId} is ${payment.status}`);
        save({ ...orders.need(payment.orderId), status: 'paid' });
        return savePayment({ ...payment, status: 'captured' });
      },
    }),
    defineTool({
      name: 'refund_payment',
      title: 'Refund a payment',
      description:
        'Gives an amount of a captured payment back. Refused where it is refunded or disputed already.',
      input: z.strictObject({ paymentId, amount: z.number().positive().describe('EUR') }),
      output: z.object({ payment: data.paymentSchema }),
      annotations: { ...lists.creates, destructiveHint: true },
      handle({ paymentId, amount }) {
        const payment = payments.need(paymentId);
        if (payment.status !== 'captured') {
          throw new MockToolError(`payment ${paymentId} is ${payment.status}; it cannot be refunded`);
        }
        const refunded = fromCents(toCents(payment.refunded) + toCents(amount));
        if (refunded > payment.amount) {
          throw new MockToolError(
            `payment ${paymentId}: ${refunded} EUR is more than was paid, ${payment.amount} EUR`,
          );
        }
        return savePayment({
          ...payment,
          refunded,
          status: refunded === payment.amount ? 'refunded' : 'captured',
        });
      },
    }),
    defineTool({
      name: 'create_shipment',
      title: 'Create a shipment',
      description: 'Hands a paid order to a carrier; the order is shipped then.',
      input: z.strictObject({ orderId, carrier: data.shipmentSchema.shape.carrier }),
      output: z.object({ shipment: data.shipmentSchema }),
      annotations: lists.creates,
      handle({ orderId, carrier }) {
        const order = orders.need(orderId);
        if (order.status !== 'paid') throw new MockToolError(`order ${orderId} is ${order.status}, not paid`);
        save({ ...order, status: 'shipped' });
        const id = shipments.newId();
        const shipment: data.Shipment = {
          id,
          orderId,
          carrier,
          trackingCode: `TRK9${id.slice(4)}`,
          status: 'in_transit',
          shippedAt: NOW,
          promisedAt: timestamp(NOW_MS + 3 * DAY_MS),
          deliveredAt: null,
        };
        shipments.put(shipment);
        return { shipment };
      },
    }),
  ];

  function needDraft(id: string): data.Order {
    const order = orders.need(id);
    if (order.status !== 'draft') throw new MockToolError(`order ${id} is ${order.status}, no draft`);
    return order;
  }

  function save(changed: data.Order): { order: data.Order } {
    const cents = centsOf(changed) - toCents(changed.discount) + toCents(changed.shipping);
    const order = { ...changed, total: fromCents(cents) };
    orders.put(order);
    return { order };
  }

  function savePayment(payment: data.Payment): { payment: data.Payment } {
    payments.put(payment);
    return { payment };
  }
}

/** The sum of an order's lines, in cents. */
function centsOf({ lines }: data.Order): number {
  return lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * toCents(unitPrice), 0);
}
