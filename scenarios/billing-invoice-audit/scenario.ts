import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { MONTHS, readDataset } from '../../mock-servers/billing/dataset.ts';

export default defineScenario({
  title: 'Check a month of invoices against usage',
  description:
    'Price the usage of every tenant again and find invoices that are wrong: four calls, one of which returns a month of daily usage as CSV, and arithmetic on all of it.',
  params: {
    contacts: {
      type: 'integer',
      default: 200,
      min: 20,
      max: 2_000,
      description: 'contacts of the CRM; one company in twelve is a tenant',
    },
    month: { type: 'string', default: '2026-04', values: [...MONTHS], description: 'the month to check' },
  },
  items: 'contacts',
  servers: ({ params, seed }) => ({
    billing: { mock: 'billing', options: { contacts: params.contacts, seed } },
  }),
  task: ({ params }) =>
    `Check all invoices for ${params.month} against the price list and the usage of that month. Answer with nothing but a JSON array with one {"invoice", "billed", "right"} for each invoice whose total is wrong: its id, its total, and what the total should be.`,
  stresses: ['payload'],
  prediction: { pattern: 'code', because: 'hundreds of lines of CSV to price, a line or two to report' },
  truth: ({ params, seed }) =>
    readDataset({ contacts: params.contacts, seed })
      .invoices.filter(({ month }) => month === params.month)
      .map(({ id, lines, total }) => {
        const cents = lines.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0);
        return { invoice: id, billed: total, right: cents / 100 };
      })
      .filter(({ billed, right }) => billed !== right),
  graders: [jsonAnswer({ unordered: true, decimals: 2 })],
});
