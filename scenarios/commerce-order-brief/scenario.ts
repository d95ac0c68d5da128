import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/commerce/dataset.ts';

export default defineScenario({
  title: 'Tell a customer about one order',
  description:
    'Order, payment and shipment of one order: three independent reads that can be made at once, with one small result each.',
  servers: ({ seed }) => ({ shop: { mock: 'commerce', options: { contacts: 200, seed } } }),
  tools: { shop: ['get_order', 'list_payments', 'list_shipments', 'quote_shipping'] },
  given: ({ seed }) => ({ orderId: wanted(seed).orderId }),
  task: ({ seed }) =>
    `What can we tell the customer about order ${wanted(seed).orderId}? Answer with nothing but a JSON object {"status", "total", "method", "trackingCode"}: status and total of the order, method of its payment, and tracking code of its shipment.`,
  stresses: ['discovery'],
  prediction: {
    pattern: 'either',
    because: 'one round of three small reads; discovery weighs as much as their results',
  },
  surprise:
    'Classic wins, by a sixth against all declarations in the prompt and by half against discovery: three reads fit into one round trip, and their results are smaller than one declaration of their tools.',
  truth: ({ seed }) => {
    const { orderId, trackingCode } = wanted(seed);
    const { orders, payments } = readDataset({ contacts: 200, seed });
    const method = payments.find((payment) => payment.orderId === orderId)?.method ?? null;
    const order = orders.find(({ id }) => id === orderId);
    return { status: order?.status ?? null, total: order?.total ?? null, method, trackingCode };
  },
});

/** A shipment in the middle of the list. */
function wanted(seed: number) {
  const { shipments } = readDataset({ contacts: 200, seed });
  const shipment = shipments[Math.floor(shipments.length / 2)];
  if (!shipment) throw new RangeError('nothing was shipped');
  return shipment;
}
