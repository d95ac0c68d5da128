import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/commerce/dataset.ts';

export default defineScenario({
  title: 'Plan transfers between warehouses',
  description:
    'Find what runs short, look each product up in all warehouses, and say from where to fill it up: a list, then one call for each of its rows, then arithmetic.',
  servers: ({ seed }) => ({ shop: { mock: 'commerce', options: { contacts: 200, seed } } }),
  task: 'Which stock levels are below their reorder point, counting what is on hand and not reserved? For each, find the warehouse with the most to spare of that product above its own reorder point, if that is enough to fill the level up to its reorder point. Answer with nothing but a JSON array of {"sku", "to", "from", "quantity"}: the warehouse that is short, the one to take from (null if none has enough), and the quantity missing.',
  stresses: ['round trips', 'definitions', 'payload'],
  prediction: {
    pattern: 'code',
    because: 'some twenty calls that follow from a list, and arithmetic over all of them',
  },
  truth: ({ seed }) => {
    const { levels } = readDataset({ contacts: 200, seed });
    const spare = new Map(
      levels.map((level) => [level.id, level.onHand - level.reserved - level.reorderPoint]),
    );
    return levels
      .filter(({ id }) => (spare.get(id) ?? 0) < 0)
      .map(({ id, sku, warehouse }) => {
        const quantity = -(spare.get(id) ?? 0);
        let from: string | null = null;
        for (const other of ['BER', 'LYO', 'AMS']) {
          const has = spare.get(`${sku}@${other}`) ?? 0;
          if (has >= quantity && (from === null || has > (spare.get(`${sku}@${from}`) ?? 0))) from = other;
        }
        return { sku, to: warehouse, from, quantity };
      });
  },
  graders: [jsonAnswer({ unordered: true })],
});
