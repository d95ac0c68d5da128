import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/commerce/dataset.ts';

export default defineScenario({
  title: 'Refund lost parcels, some of which the server refuses',
  description:
    'A write fails at some items and must not stop the others, nor be made twice. In classic each refusal is a message to read; a program must expect it.',
  params: {
    contacts: { type: 'integer', default: 200, min: 1, max: 1_000, description: 'customers of the shop' },
  },
  servers: ({ params, seed }) => ({
    shop: { mock: 'commerce', options: { contacts: params.contacts, seed } },
  }),
  tools: {
    shop: ['list_shipments', 'list_payments', 'refund_payment', 'get_order', 'get_payment', 'list_orders'],
  },
  task: 'Refund in full what was paid for each order whose shipment is lost. Where the shop refuses a refund, leave it and go on with the next. Answer with nothing but a JSON object {"refunded", "refused"} of two arrays of order ids, in the order of the shipments.',
  writes: true,
  stresses: ['errors', 'writes', 'round trips'],
  prediction: {
    pattern: 'code',
    because: 'dozens of reads and writes whose results only need to be sorted in two',
  },
  truth: ({ params, seed }) => {
    const { shipments } = readDataset({ contacts: params.contacts, seed });
    const lost = shipments.filter(({ status }) => status === 'lost').map(({ orderId }) => orderId);
    const open = capturedOrders(params.contacts, seed);
    return { refunded: lost.filter((id) => open.has(id)), refused: lost.filter((id) => !open.has(id)) };
  },
  graders: [
    jsonAnswer(),
    stateUpdates({
      server: 'shop',
      expected: ({ params, seed }) => {
        const { shipments } = readDataset({ contacts: Number(params.contacts), seed });
        const open = capturedOrders(Number(params.contacts), seed);
        return shipments.flatMap(({ status, orderId }) => {
          const payment = status === 'lost' ? open.get(orderId) : undefined;
          const fields = { status: 'refunded', refunded: payment?.amount };
          return payment ? [{ entity: 'payment', id: payment.id, fields }] : [];
        });
      },
    }),
  ],
});

/** The payments that can still be refunded, by order. */
function capturedOrders(contacts: number, seed: number) {
  const { payments } = readDataset({ contacts, seed });
  const captured = payments.filter(({ status }) => status === 'captured');
  return new Map(captured.map((payment) => [payment.orderId, payment]));
}
