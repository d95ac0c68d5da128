import { defineScenario } from '../../../harness/scenario/scenario.ts';
import { makeItem } from '../../../mock-servers/parametric/items.ts';
import { numberOnShelf } from '../../../mock-servers/parametric/shelves.ts';

const shelf = 2;

/** Reads of a shelf that has to be opened first: the server knows by the session which one it is, or by a handle. */
export default defineScenario({
  title: 'Sum up a shelf that has to be opened first',
  description: 'The same reads with state in the session and with a handle in each call.',
  params: {
    calls: { type: 'integer', default: 20, min: 1, description: 'items to read, one call each' },
    state: {
      type: 'string',
      default: 'session',
      values: ['session', 'handle'],
      description: 'where state is',
    },
  },
  servers: ({ params: { calls, state }, seed }) => ({
    store: {
      mock: 'parametric',
      options: { items: calls, bytes: 300, state, seed },
      protocolEra: state === 'handle' ? 'modern' : 'legacy',
    },
  }),
  tools: { store: ['open_shelf', 'get_item'] },
  writes: true,
  task: ({ params }) =>
    `Sum up the amounts of the items 1 to ${params.calls} on shelf ${shelf}. Answer with nothing but a JSON object {"amount"}, rounded to cents.`,
  truth: ({ params: { calls }, seed }) => {
    const numbers = Array.from({ length: calls }, (_, index) => numberOnShelf(shelf, index + 1, calls));
    const cents = numbers.map((number) => Math.round(makeItem(number, 0, seed).amount * 100));
    return { amount: cents.reduce((sum, each) => sum + each, 0) / 100 };
  },
});
