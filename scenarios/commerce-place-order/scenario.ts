import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/commerce/dataset.ts';
import { createdRows } from '../created-rows.ts';

export default defineScenario({
  title: 'Place an order in eleven steps',
  description:
    'Quote, draft, three lines, discount, shipping, order, payment in two steps, shipment: writes that follow one another, each needing what came before, on a server that quotes in plain text.',
  servers: ({ seed }) => ({ shop: { mock: 'commerce', options: { contacts: 200, seed } } }),
  given: ({ seed }) => wanted(seed),
  task: ({ seed }) => {
    const { customerId, companyId, lines, weightKg } = wanted(seed);
    const items = lines.map(({ sku, quantity }) => `${quantity} of ${sku}`).join(', ');
    return `Order ${items} for the customer ${customerId} of ${companyId}, with the discount code FRAMEWORK10. They weigh ${weightKg} kg and go to Germany: take the cheapest carrier and set its price as shipping. Place the order, authorise and capture its payment by transfer, and hand it to the carrier. Answer with nothing but a JSON object {"orderId", "total", "trackingCode"}.`;
  },
  writes: true,
  stresses: ['round trips', 'writes'],
  prediction: {
    pattern: 'code',
    because: 'eleven round trips that send the history each time, against one program',
  },
  truth: ({ seed }) => {
    const { orders, shipments } = readDataset({ contacts: 200, seed });
    const number = String(shipments.length + 1).padStart(7, '0');
    const orderId = `ord_${String(orders.length + 1).padStart(7, '0')}`;
    return { orderId, total: totalOf(seed), trackingCode: `TRK9${number}` };
  },
  graders: [
    jsonAnswer({ decimals: 2 }),
    createdRows('shop', ({ seed }) => {
      const { customerId, companyId } = wanted(seed);
      const total = totalOf(seed);
      return [
        { entity: 'order', fields: { customerId, companyId, status: 'shipped', total } },
        { entity: 'payment', fields: { method: 'transfer', status: 'captured', amount: total } },
        { entity: 'shipment', fields: { carrier: 'Paketdienst Mitte' } },
      ];
    }),
  ],
});

const quantities = [3, 2, 10];

function wanted(seed: number) {
  const { orders } = readDataset({ contacts: 200, seed });
  const { customerId = '', companyId = '' } = orders[0] ?? {};
  return {
    customerId,
    companyId,
    lines: chosen(seed).map(({ id, quantity }) => ({ sku: id, quantity })),
    weightKg: 46,
  };
}

function chosen(seed: number) {
  const { products } = readDataset({ contacts: 200, seed });
  return quantities.flatMap((quantity, index) => {
    const product = products[3 + 7 * index];
    return product ? [{ ...product, quantity }] : [];
  });
}

/** 46 kg to Germany cost least with the third carrier: 7.70 EUR and 0.55 EUR a kilogram. */
function totalOf(seed: number): number {
  const cents = chosen(seed).reduce(
    (sum, { price, quantity }) => sum + quantity * Math.round(price * 100),
    0,
  );
  return (cents - Math.round(cents * 0.1) + 770 + 46 * 55) / 100;
}
