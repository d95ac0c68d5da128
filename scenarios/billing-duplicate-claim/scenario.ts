import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/billing/dataset.ts';

export default defineScenario({
  title: 'Look into a claim that turns out wrong, and do nothing',
  description:
    'A tenant says it was billed twice. It was not, and the right act is none, though writes are allowed: one read, one decision.',
  servers: ({ seed }) => ({ billing: { mock: 'billing', options: { contacts: 200, seed } } }),
  tools: { billing: ['list_invoices', 'get_invoice', 'void_invoice', 'get_tenant', 'get_balance'] },
  given: ({ seed }) => ({ tenantId: claimant(seed), month: '2026-05' }),
  task: ({ seed }) =>
    `The tenant ${claimant(seed)} says that it was billed twice for 2026-05. If there is more than one invoice to it for that month that is not void, void all but the first. Answer with nothing but a JSON object {"voided"}, an array of the ids that you voided.`,
  writes: true,
  stresses: ['discovery', 'judgement'],
  prediction: { pattern: 'classic', because: 'one call, one small result, and nothing to do after it' },
  truth: ({ seed }) => {
    const { invoices } = readDataset({ contacts: 200, seed });
    const own = invoices.filter(({ tenantId, month }) => tenantId === claimant(seed) && month === '2026-05');
    return { voided: own.slice(1).map(({ id }) => id) };
  },
  // Writes are allowed, and the right ones are none.
  graders: [jsonAnswer(), stateUpdates({ server: 'billing', expected: () => [] })],
});

/** The tenant in the middle of the list. */
function claimant(seed: number): string {
  const { tenants } = readDataset({ contacts: 200, seed });
  return tenants[Math.floor(tenants.length / 2)]?.id ?? '';
}
