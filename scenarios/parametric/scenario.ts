import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { makeItem } from '../../mock-servers/parametric/items.ts';

export default defineScenario({
  title: 'Read a number of items of a given size',
  description:
    'Independent reads that can all be made at once, of which only a sum is wanted. The number of calls, the bytes of each result, the number of tools and their latency are parameters: the map of where each pattern wins.',
  params: {
    calls: { type: 'integer', default: 20, min: 1, max: 20_000, description: 'items to read, one call each' },
    bytes: { type: 'integer', default: 1000, min: 100, max: 1_000_000, description: 'bytes of each result' },
    tools: { type: 'integer', default: 10, min: 1, max: 500, description: 'tools that the server lists' },
    latency: { type: 'integer', default: 0, min: 0, max: 10_000, description: 'milliseconds a call takes' },
  },
  items: 'calls',
  servers: ({ params, seed }) => ({
    store: {
      mock: 'parametric',
      options: {
        tools: params.tools,
        items: params.calls,
        bytes: params.bytes,
        latencyMs: params.latency,
        seed,
      },
    },
  }),
  task: ({ params }) =>
    `Read the items 1 to ${params.calls} of the store. How many of them are open, and what do the amounts of the open ones sum to? Answer with nothing but a JSON object {"open", "amount"}, the amount rounded to cents.`,
  core: true,
  stresses: ['payload', 'round trips', 'definitions'],
  prediction: {
    pattern: 'either',
    because: 'published break-evens lie near 26 parallel calls; at 20 of a thousand bytes neither should win',
  },
  surprise:
    'Direct calls cost three times as much. The published break-even counts one turn and results of a hundred bytes; here a thousand bytes of each result stay in the prompt.',
  truth: ({ params, seed }) => {
    let [open, cents] = [0, 0];
    for (let number = 1; number <= params.calls; number += 1) {
      const item = makeItem(number, 0, seed);
      if (item.status !== 'open') continue;
      open += 1;
      cents += Math.round(item.amount * 100);
    }
    return { open, amount: cents / 100 };
  },
  graders: [jsonAnswer({ decimals: 2 })],
});
