import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/billing/dataset.ts';

export default defineScenario({
  title: 'Dun overdue invoices by rules with thresholds',
  description:
    'Remind, hand over or leave each overdue invoice, by how often it was reminded of and what its tenant owes in all, then suspend some tenants: a loop with branches that ends in writes which cannot be taken back.',
  params: {
    contacts: {
      type: 'integer',
      default: 200,
      min: 20,
      max: 2_000,
      description: 'contacts of the CRM; one company in twelve is a tenant',
    },
    limit: {
      type: 'number',
      default: 900,
      min: 0,
      description: 'EUR overdue from which a tenant is handed over',
    },
  },
  items: 'contacts',
  servers: ({ params, seed }) => ({
    billing: { mock: 'billing', options: { contacts: params.contacts, seed } },
  }),
  task: ({ params }) =>
    `Go through all overdue invoices. If the tenant was reminded of one fewer than two times, send one reminder. Otherwise, if all that its tenant owes overdue is ${params.limit} EUR or more, escalate the invoice, else leave it. Then suspend each tenant of whom an invoice was escalated. Answer with nothing but a JSON object of four numbers, {"reminded", "escalated", "suspended", "left"}.`,
  writes: true,
  stresses: ['round trips', 'writes'],
  prediction: { pattern: 'code', because: 'simple rules over a list, with a call or two for each row' },
  truth: ({ params, seed }) => {
    const { reminded, escalated, suspended, left } = decide(params.contacts, params.limit, seed);
    return {
      reminded: reminded.length,
      escalated: escalated.length,
      suspended: suspended.length,
      left: left.length,
    };
  },
  graders: [
    jsonAnswer(),
    stateUpdates({
      server: 'billing',
      expected: ({ params, seed }) => {
        const { reminded, escalated, suspended } = decide(
          Number(params.contacts),
          Number(params.limit),
          seed,
        );
        return [
          ...reminded.map(({ id, reminders }) => ({
            entity: 'invoice',
            id,
            fields: { reminders: reminders + 1 },
          })),
          ...escalated.map(({ id }) => ({ entity: 'invoice', id, fields: { escalated: true } })),
          ...suspended.map((id) => ({ entity: 'tenant', id, fields: { status: 'suspended' } })),
        ];
      },
    }),
  ],
});

function decide(contacts: number, limit: number, seed: number) {
  const { invoices } = readDataset({ contacts, seed });
  const overdue = invoices.filter(({ status, dueOn }) => status === 'open' && dueOn < '2026-06-30');
  const owed = (tenant: string) =>
    overdue.reduce(
      (cents, { tenantId, total }) => cents + (tenantId === tenant ? Math.round(total * 100) : 0),
      0,
    );
  const late = overdue.filter(({ reminders }) => reminders >= 2);
  const escalated = late.filter(({ tenantId }) => owed(tenantId) >= limit * 100);
  return {
    reminded: overdue.filter(({ reminders }) => reminders < 2),
    escalated,
    suspended: [...new Set(escalated.map(({ tenantId }) => tenantId))],
    left: late.filter((invoice) => !escalated.includes(invoice)),
  };
}
