import { defineScenario } from '../../harness/scenario/scenario.ts';
import { makeItem } from '../../mock-servers/parametric/items.ts';

const numbers = [3, 14, 15];

export default defineScenario({
  title: 'Find the one tool that is needed among very many',
  description:
    'Three small reads with one tool, on a server that lists a hundred more. Declaring all of them costs more than the work; looking for the right one is what both a search and code do.',
  params: {
    tools: { type: 'integer', default: 100, min: 1, max: 500, description: 'tools that the server lists' },
  },
  servers: ({ params, seed }) => ({
    store: { mock: 'parametric', options: { tools: params.tools, items: 20, bytes: 300, seed } },
  }),
  given: () => ({ numbers }),
  task: `Read the items ${numbers.join(', ')} of the store. Answer with nothing but a JSON array of their amounts, in this order.`,
  stresses: ['definitions', 'discovery'],
  prediction: {
    pattern: 'either',
    because: 'a search and a directory of modules both leave the other definitions out',
  },
  surprise:
    'Classic wins with a search for tools, at a third of the cost of code: the directory of modules shows a line for each of a hundred functions, and a search shows those that fit.',
  truth: ({ seed }) => numbers.map((number) => makeItem(number, 0, seed).amount),
});
