import { z } from 'zod';
import { fatten } from '../fat.ts';
import { bindTools, defineMockServer, seedOption } from '../mock-server.ts';
import { Account } from './account.ts';
import { readDataset } from './dataset.ts';
import { activityTools } from './tools/activities.ts';
import { companyTools } from './tools/companies.ts';
import { contactWriteTools } from './tools/contact-writes.ts';
import { contactTools } from './tools/contacts.ts';
import { dealTools } from './tools/deals.ts';
import { orderTools } from './tools/orders.ts';
import { reportTools } from './tools/reports.ts';

const tools = [
  ...contactTools,
  ...contactWriteTools,
  ...companyTools,
  ...orderTools,
  ...dealTools,
  ...activityTools,
  ...reportTools,
];

export default defineMockServer({
  name: 'crm',
  title: 'CRM',
  version: '1.0.0',
  instructions:
    'Customer relations of a supplier of workplaces. Contacts work at companies, place orders, and have deals and activities; users own them. Ids are opaque. Amounts are in EUR, timestamps in UTC; get_account_info tells the present time. Lists come in pages: pass nextCursor as cursor until it is null.',
  options: z.object({
    contacts: z
      .int()
      .min(0)
      .max(100_000)
      .default(5_000)
      .describe('Number of contacts; the rest grows with it'),
    results: z
      .enum(['lean', 'fat'])
      .default('lean')
      .describe('Fields of records alone, or also the history of each property'),
    seed: seedOption,
  }),
  create(options) {
    const account = new Account(() => readDataset(options));
    const bound = bindTools(tools, account);
    return {
      tools: options.results === 'fat' ? fatten(bound) : bound,
      changes: () => account.changes(),
    };
  },
});
