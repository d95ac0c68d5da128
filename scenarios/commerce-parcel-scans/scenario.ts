import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/commerce/dataset.ts';

export default defineScenario({
  title: 'Ask the carrier about late parcels, in its own plain text',
  description:
    'A tool with an odd name, a long description and no output schema answers each of some twenty parcels with a page of text, of which one line matters.',
  params: {
    since: { type: 'string', default: '2026-05-01T00:00:00Z', description: 'shipped at this time or later' },
  },
  servers: ({ seed }) => ({ shop: { mock: 'commerce', options: { contacts: 200, seed } } }),
  tools: { shop: ['list_shipments', 'TRK_queryParcelStatusV2', 'get_order', 'list_orders'] },
  task: ({ params }) =>
    `Take the late shipments of the shop that were shipped since ${params.since} and ask the carrier for the status of each parcel. Answer with nothing but a JSON array of {"orderId", "delivered"}: the time of delivery that the carrier reports, null if it reports none.`,
  stresses: ['payload', 'discovery'],
  prediction: {
    pattern: 'code',
    because: 'twenty pages of text, one line wanted of each, though code must look at one first',
  },
  truth: ({ params, seed }) =>
    readDataset({ contacts: 200, seed })
      .shipments.filter(({ shippedAt, deliveredAt, promisedAt }) => {
        const end = deliveredAt ?? '2026-06-30T12:00:00Z';
        return Date.parse(shippedAt) >= Date.parse(params.since) && Date.parse(end) > Date.parse(promisedAt);
      })
      .map(({ orderId, deliveredAt }) => ({ orderId, delivered: deliveredAt })),
  graders: [jsonAnswer({ unordered: true })],
});
