import { jsonAnswer, stateUpdates } from '../../../harness/scenario/grade.ts';
import { defineScenario } from '../../../harness/scenario/scenario.ts';
import { makeItem } from '../../../mock-servers/parametric/items.ts';

/**
 * Writes that have to be confirmed: the tool asks whoever calls it to call again, or it asks the user in the middle of the
 * call.
 */
export default defineScenario({
  title: 'Close items, which has to be confirmed',
  description: 'The same writes with a second call that confirms, and with input in the middle of the first.',
  params: {
    calls: { type: 'integer', default: 20, min: 1, description: 'items to close' },
    asks: {
      type: 'string',
      default: 'caller',
      values: ['caller', 'user'],
      description: 'whom the tool asks',
    },
  },
  servers: ({ params: { calls, asks }, seed }) => ({
    store: {
      mock: 'parametric',
      options: { items: calls, closing: true, seed },
      ...(asks === 'user'
        ? { protocolEra: 'modern', input: { confirmed: true } }
        : { protocolEra: 'legacy' }),
    },
  }),
  tools: { store: ['get_item', 'close_item'] },
  writes: true,
  task: ({ params }) =>
    `Close the items 1 to ${params.calls} of the store; the user agrees that they cannot be opened again. Answer with nothing but a JSON object {"closed"}: how many are closed.`,
  truth: ({ params: { calls } }) => ({ closed: calls }),
  graders: [
    jsonAnswer(),
    stateUpdates({
      server: 'store',
      expected: ({ params, seed }) =>
        Array.from({ length: Number(params.calls) }, (_, index) => ({
          entity: 'item',
          id: makeItem(index + 1, 0, seed).id,
          fields: { isClosed: true },
        })),
    }),
  ],
});
