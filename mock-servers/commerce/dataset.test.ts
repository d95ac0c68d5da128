import { expect, test } from 'vitest';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { openServer } from '../testing/open-server.ts';
import { makeDataset, type Order } from './dataset.ts';
import commerce from './server.ts';

const options = { contacts: 200, seed: 3 };
const shop = makeDataset(options);

test('orders are those of the CRM of the same size and seed', () => {
  const essence = (orders: readonly { id: string; total: number; placedAt: string | null }[]) =>
    orders.map(({ id, total, placedAt }) => ({ id, total, placedAt }));
  expect(essence(shop.orders)).toEqual(essence(readCrm(options).orders));
  expect(makeDataset(options)).toEqual(shop);
});

test('what was shipped was paid, and no more was refunded than paid', () => {
  const paid = new Set(shop.payments.map(({ orderId }) => orderId));
  expect(shop.shipments.filter(({ orderId }) => !paid.has(orderId))).toEqual([]);
  expect(shop.payments.filter(({ amount, refunded }) => refunded > amount)).toEqual([]);
});

test('an order goes from draft to shipment in order, and no step can be left out', () => {
  const { call, failure } = openServer(commerce, options);
  const { order } = call<{ order: Order }>('create_draft_order', {
    customerId: 'con_000001',
    companyId: 'com_00001',
  });
  const orderId = order.id;
  expect(failure('place_order', { orderId })).toContain('has no lines');
  call('add_order_line', { orderId, sku: 'PAP-A4-080', quantity: 10 });
  call('apply_discount', { orderId, code: 'FRAMEWORK10' });
  expect(failure('create_shipment', { orderId, carrier: 'Colivite' })).toContain('is draft, not paid');
  expect(call<{ order: Order }>('place_order', { orderId }).order.total).toBe(206.1);
  const { payment } = call<{ payment: { id: string } }>('authorise_payment', { orderId, method: 'card' });
  call('capture_payment', { paymentId: payment.id });
  expect(call<{ order: Order }>('get_order', { id: orderId }).order.status).toBe('paid');
  call('create_shipment', { orderId, carrier: 'Colivite' });
  call('refund_payment', { paymentId: payment.id, amount: 200 });
  expect(failure('refund_payment', { paymentId: payment.id, amount: 10 })).toContain('more than was paid');
});

test('messages show ids as they are', () => {
  const { failure } = openServer(commerce, options);
  const shown = failure('get_product', { id: 'SKU-1' });
  expect(shop.products.some(({ id }) => shown.endsWith(id))).toBe(true);
});
