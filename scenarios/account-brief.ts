import { jsonAnswer } from '../harness/scenario/grade.ts';
import { readDataset } from '../mock-servers/crm/dataset.ts';

// One brief over two servers that differ in nothing but how much they say of each record.

const contacts = 200;

/** What the brief is asked, given and answered, on a CRM with lean or fat results. */
export function accountBrief(results: 'lean' | 'fat') {
  return {
    servers: ({ seed }: { seed: number }) => ({ crm: { mock: 'crm', options: { contacts, seed, results } } }),
    given: ({ seed }: { seed: number }) => ({ companyId: companyOf(seed).id }),
    task: ({ seed }: { seed: number }) =>
      `Prepare a call with the CRM company ${companyOf(seed).id}. Answer with nothing but a JSON object {"name", "contacts", "orders", "lastTotal", "openDeals", "owner"}: its name, how many contacts and orders it has, the total of its newest order (null without), how many of its deals are open, and the name of the user who owns it.`,
    truth: ({ seed }: { seed: number }) => {
      const { id, name, ownerId } = companyOf(seed);
      const crm = readDataset({ contacts, seed });
      const orders = crm.orders.filter(({ companyId }) => companyId === id);
      return {
        name,
        contacts: crm.contacts.filter(({ companyId }) => companyId === id).length,
        orders: orders.length,
        lastTotal: orders.at(-1)?.total ?? null,
        openDeals: crm.deals.filter(({ companyId, closedAt }) => companyId === id && closedAt === null)
          .length,
        owner: crm.users.find((user) => user.id === ownerId)?.name ?? '',
      };
    },
    graders: [jsonAnswer({ decimals: 2 })],
  };
}

/** The company with the most contacts. */
function companyOf(seed: number) {
  const { companies } = readDataset({ contacts, seed });
  return companies.reduce((most, each) => (each.contactCount > most.contactCount ? each : most));
}
