import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/billing/dataset.ts';

export default defineScenario({
  title: 'Look at a table, then follow up on one row',
  description:
    'How an analyst works: first the totals, which are looked at, then a question about what stood out. The second question could not be written before the first answer was seen.',
  servers: ({ seed }) => ({ billing: { mock: 'billing', options: { contacts: 200, seed } } }),
  task: 'Look at the totals of the invoices for 2026-05. Then take the tenant with the highest one and see how its requests developed from 2026-03 to 2026-05. Answer with nothing but a JSON object {"tenantId", "requests"}, requests being an array of three numbers.',
  stresses: ['judgement', 'payload'],
  prediction: {
    pattern: 'either',
    because: 'invoices are wider than their totals, which speaks for code; a second program eats that up',
  },
  surprise:
    'Code costs a third less. An invoice with its lines is ten times as wide as its total; leaving the lines out pays for the second program.',
  truth: ({ seed }) => {
    const { invoices, usage } = readDataset({ contacts: 200, seed });
    const [top] = invoices.filter(({ month }) => month === '2026-05').sort((a, b) => b.total - a.total);
    const tenantId = top?.tenantId ?? '';
    const requests = ['2026-03', '2026-04', '2026-05'].map((month) =>
      usage.reduce(
        (sum, row) => sum + (row.tenantId === tenantId && row.day.startsWith(month) ? row.requests : 0),
        0,
      ),
    );
    return { tenantId, requests };
  },
});
