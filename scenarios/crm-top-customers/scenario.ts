import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/crm/dataset.ts';

export default defineScenario({
  title: 'Find the customers whose last order was large',
  description:
    'Get all contacts, get the last order of each, keep those above a threshold. The workflow by which the two patterns are usually compared: many calls, of whose results almost nothing is needed.',
  params: {
    contacts: { type: 'integer', default: 5000, min: 1, max: 100_000, description: 'contacts in the CRM' },
    threshold: {
      type: 'number',
      default: 5000,
      min: 0,
      description: 'EUR that the last order must exceed',
    },
  },
  items: 'contacts',
  // A call a contact: more calls, and on a busy machine more time, than a program may take unless told otherwise.
  limits: { calls: 250_000, wallMs: 300_000 },
  servers: ({ params, seed }) => ({ crm: { mock: 'crm', options: { contacts: params.contacts, seed } } }),
  task: ({ params }) =>
    `Get all contacts of the CRM and the last order of each. Which contacts' last order, whatever its status, had a total above ${params.threshold} EUR? Answer with nothing but a JSON array of {"name", "revenue"}, where revenue is the total of that last order.`,
  core: true,
  stresses: ['payload', 'round trips'],
  prediction: { pattern: 'code', because: 'thousands of results pass through, a few dozen rows are wanted' },
  truth: ({ params, seed }) => {
    const { contacts, orders } = readDataset({ contacts: params.contacts, seed });
    const newest = new Map<string, (typeof orders)[number]>();
    for (const order of orders) {
      const known = newest.get(order.contactId);
      const isNewer = !known || [order.placedAt, order.id].join() > [known.placedAt, known.id].join();
      if (isNewer) newest.set(order.contactId, order);
    }
    const byId = new Map(contacts.map((contact) => [contact.id, contact.name]));
    return [...newest.values()]
      .filter((order) => order.total > params.threshold)
      .map((order) => ({ name: byId.get(order.contactId) ?? '', revenue: order.total }));
  },
  graders: [jsonAnswer({ unordered: true, decimals: 2 })],
});
