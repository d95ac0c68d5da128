import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/commerce/dataset.ts';

export default defineScenario({
  title: 'List the largest orders with a filter of the server',
  description:
    'The question that filtering pages of orders would answer, on a server that filters and sorts itself: one call, a handful of rows, nothing left for a program.',
  params: {
    minTotal: {
      type: 'number',
      default: 4000,
      min: 2000,
      description: 'EUR that an order must have at least',
    },
  },
  servers: ({ seed }) => ({ shop: { mock: 'commerce', options: { contacts: 200, seed } } }),
  tools: { shop: ['list_orders', 'get_order', 'report_sales', 'get_product'] },
  task: ({ params }) =>
    `Which orders of the shop have a total of ${params.minTotal} EUR or more? Answer with nothing but a JSON array of {"id", "total"}, largest first.`,
  stresses: ['discovery'],
  prediction: {
    pattern: 'classic',
    because: 'the server filters, so one small result answers; code pays for discovery',
  },
  surprise:
    'Too close to call: a program with all declarations in its prompt costs 7 % more. The rows of an order are long, and the program returns two fields of each.',
  truth: ({ params, seed }) =>
    readDataset({ contacts: 200, seed })
      .orders.filter(({ total }) => total >= params.minTotal)
      .sort((a, b) => b.total - a.total)
      .map(({ id, total }) => ({ id, total })),
  graders: [jsonAnswer({ decimals: 2 })],
});
