import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/crm/dataset.ts';

export default defineScenario({
  title: 'Report a customer segment by industry',
  description:
    'Read all pages of a filtered list, join each contact with its company, and aggregate. A report over a few hundred records of which only the sums are wanted.',
  params: {
    contacts: { type: 'integer', default: 5000, min: 1, max: 100_000, description: 'contacts in the CRM' },
    segment: {
      type: 'string',
      default: 'enterprise',
      values: ['enterprise', 'mid_market', 'small_business', 'startup'],
      description: 'the customer segment to report on',
    },
  },
  items: 'contacts',
  servers: ({ params, seed }) => ({ crm: { mock: 'crm', options: { contacts: params.contacts, seed } } }),
  task: ({ params }) =>
    `Report on all CRM contacts in the segment ${params.segment}, by the industry of the company that each works for. Answer with nothing but a JSON array of {"industry", "contacts", "companies", "employees"}: the number of such contacts, of the different companies they work for, and those companies' employees together. Order it by contacts, most first, then by industry.`,
  core: true,
  canaries: { crm: { list_contacts: ['email', 'phone', 'notes'] } },
  stresses: ['payload', 'round trips'],
  prediction: { pattern: 'code', because: 'several pages and a join, of which a dozen sums are wanted' },
  truth: ({ params, seed }) => {
    const { contacts, companies } = readDataset({ contacts: params.contacts, seed });
    const wanted = contacts.filter((contact) => contact.segment === params.segment);
    const industries = [...new Set(companies.map((company) => company.industry))].sort();
    return industries
      .map((industry) => {
        const inIndustry = companies.filter((company) => company.industry === industry);
        const employers = inIndustry.filter(({ id }) => wanted.some(({ companyId }) => companyId === id));
        const employed = wanted.filter(({ companyId }) => inIndustry.some(({ id }) => id === companyId));
        return {
          industry,
          contacts: employed.length,
          companies: employers.length,
          employees: employers.reduce((sum, { employees }) => sum + employees, 0),
        };
      })
      .filter((row) => row.contacts > 0)
      .sort((a, b) => b.contacts - a.contacts);
  },
});
