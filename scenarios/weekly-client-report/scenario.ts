import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset as readBilling } from '../../mock-servers/billing/dataset.ts';
import { readDataset, spendOn, trafficOn } from '../../mock-servers/seo/dataset.ts';

const weeks = { before: '2026-06-16', from: '2026-06-23', to: '2026-06-29' };

export default defineScenario({
  title: 'Write the figures of the weekly report of every client',
  description:
    'What an agency sends out each Monday: visits and their change, cost per conversion, rankings gained and open invoices, for every client, from analytics, advertising, rank tracking and billing.',
  params: {
    clients: { type: 'integer', default: 8, min: 1, max: 200, description: 'clients to report on' },
  },
  items: 'clients',
  servers: ({ params, seed }) => {
    const contacts = contactsFor(params.clients);
    return {
      seo: { mock: 'seo', options: { contacts, sites: params.clients, pages: 10, seed } },
      billing: { mock: 'billing', options: { contacts, seed } },
    };
  },
  given: () => weeks,
  task: `Report on every client's site for the week from ${weeks.from} to ${weeks.to}, compared with the week that begins on ${weeks.before}. Answer with nothing but a JSON array, one object a site: {"client", "sessions", "change", "costPerConversion", "keywordsUp", "owed"}: its name, sessions, sessions minus those of the week before, the cost of all its ad campaigns divided by its conversions, rounded to cents, the number of tracked keywords in a better position than the week before (no position is worse than 100), and the total of the open invoices of its company, which is a tenant in billing.`,
  workload: {
    runs: 100,
    tenants: 25,
    because: 'each of 25 agencies reports to its clients four times a month',
  },
  stresses: ['payload', 'round trips', 'definitions'],
  prediction: { pattern: 'code', because: 'several calls a client, and six figures of each are wanted' },
  truth: ({ params, seed }) => {
    const contacts = contactsFor(params.clients);
    const { sites, campaigns, keywords } = readDataset({ contacts, sites: params.clients, pages: 10, seed });
    const { invoices } = readBilling({ contacts, seed });
    return sites.map(({ id, companyId, name }) => {
      const total = (days: string[], field: 'sessions' | 'conversions') =>
        days.reduce((sum, day) => sum + trafficOn(id, day, seed)[field], 0);
      const week = daysFrom(23);
      const weekBefore = daysFrom(16);
      const cents = campaigns
        .filter(({ siteId }) => siteId === id)
        .flatMap((campaign) => week.map((day) => Math.round(spendOn(campaign.id, day, seed).cost * 100)))
        .reduce((sum, cost) => sum + cost, 0);
      const ranked = keywords.filter(({ siteId }) => siteId === id);
      return {
        client: name,
        sessions: total(week, 'sessions'),
        change: total(week, 'sessions') - total(weekBefore, 'sessions'),
        costPerConversion: cents / 100 / total(week, 'conversions'),
        keywordsUp: ranked.filter(
          ({ position, previousPosition }) =>
            position !== null && (previousPosition === null || position < previousPosition),
        ).length,
        owed: invoices.reduce(
          (sum, { tenantId, status, total }) =>
            sum + (tenantId === companyId && status === 'open' ? total : 0),
          0,
        ),
      };
    });
  },
  graders: [jsonAnswer({ unordered: true, decimals: 2 })],
});

/** The week of June 2026 that begins on a day of it. */
function daysFrom(first: number): string[] {
  return Array.from({ length: 7 }, (_, index) => `2026-06-${first + index}`);
}

/** Contacts of a CRM that has that many companies. */
function contactsFor(clients: number): number {
  return Math.max(200, clients * 12);
}
