import { defineScenario } from '../../../harness/scenario/scenario.ts';
import { makeItem } from '../../../mock-servers/parametric/items.ts';

/** Reads of a server that outlives trials, so that it lists its tools anew for each of them. */
export default defineScenario({
  title: 'Sum up items of a server that is already up',
  description: 'Reads over the server that is configured as store, whose list of tools is what matters.',
  params: { calls: { type: 'integer', default: 20, min: 1, description: 'items to read, one call each' } },
  servers: { store: { configured: 'store' } },
  task: ({ params }) =>
    `Sum up the amounts of the items 1 to ${params.calls} of the store. Answer with nothing but a JSON object {"amount"}, rounded to cents.`,
  truth: ({ params: { calls }, seed }) => {
    const cents = Array.from({ length: calls }, (_, index) =>
      Math.round(makeItem(index + 1, 0, seed).amount * 100),
    );
    return { amount: cents.reduce((sum, each) => sum + each, 0) / 100 };
  },
});
