import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset as readCrm } from '../../mock-servers/crm/dataset.ts';
import { readDataset } from '../../mock-servers/helpdesk/dataset.ts';

export default defineScenario({
  title: 'Join tickets of the helpdesk with companies of the CRM',
  description:
    'Two servers, one question: which industries write most. Tickets come from one, the industry of each company from the other, and only sums are wanted.',
  params: {
    contacts: { type: 'integer', default: 200, min: 10, max: 100_000, description: 'contacts in the CRM' },
  },
  servers: ({ params, seed }) => ({
    desk: { mock: 'helpdesk', options: { contacts: params.contacts, seed } },
    crm: { mock: 'crm', options: { contacts: params.contacts, seed } },
  }),
  task: 'From companies of which industries do the tickets of the helpdesk come? The CRM knows the industry of a company. Answer with nothing but a JSON array with one {"industry", "tickets", "unsolved"} for each industry: its tickets, and those that were never solved.',
  canaries: { desk: { list_tickets: ['requesterEmail'] } },
  stresses: ['definitions', 'payload', 'round trips'],
  prediction: {
    pattern: 'code',
    because: 'a join over two servers with forty tools, of which ten sums are wanted',
  },
  truth: ({ params, seed }) => {
    const { tickets } = readDataset({ contacts: params.contacts, seed });
    const { companies } = readCrm({ contacts: params.contacts, seed });
    return [...new Set(companies.map(({ industry }) => industry))].flatMap((industry) => {
      const inIndustry = companies.filter((company) => company.industry === industry);
      const own = tickets.filter(({ companyId }) => inIndustry.some(({ id }) => id === companyId));
      const unsolved = own.filter(({ solvedAt }) => solvedAt === null).length;
      return own.length === 0 ? [] : [{ industry, tickets: own.length, unsolved }];
    });
  },
  graders: [jsonAnswer({ unordered: true })],
});
