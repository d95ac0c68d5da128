import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/helpdesk/dataset.ts';

export default defineScenario({
  title: 'Count messages by topic from a fat export',
  description:
    'The only tool that has tickets and comments together is an export for machines: everything about each ticket, three kilobytes a piece, no output schema. A handful of counts is wanted.',
  params: {
    since: {
      type: 'string',
      default: '2026-06-01T00:00:00Z',
      description: 'tickets created at this time or later',
    },
  },
  servers: ({ seed }) => ({ desk: { mock: 'helpdesk', options: { contacts: 200, seed } } }),
  task: ({ params }) =>
    `Export the tickets of the helpdesk created since ${params.since}. The first tag of a ticket is its topic; "none" where it has no tag. Answer with nothing but a JSON array with one {"topic", "tickets", "fromCustomers", "fromAgents"} for each topic: its tickets, comments written by their requesters, and other comments.`,
  stresses: ['payload', 'discovery'],
  prediction: {
    pattern: 'code',
    because: 'a hundred kilobytes in one result, a handful of counts out of it',
  },
  truth: ({ params, seed }) => {
    const { tickets, comments } = readDataset({ contacts: 200, seed });
    const chosen = tickets.filter(({ createdAt }) => Date.parse(createdAt) >= Date.parse(params.since));
    return [...Map.groupBy(chosen, ({ tags }) => tags.at(0) ?? 'none')].map(([topic, own]) => {
      const emails = new Map(own.map(({ id, requesterEmail }) => [id, requesterEmail]));
      const written = comments.filter(({ ticketId }) => emails.has(ticketId));
      const fromCustomers = written.filter(({ ticketId, author }) => emails.get(ticketId) === author).length;
      return { topic, tickets: own.length, fromCustomers, fromAgents: written.length - fromCustomers };
    });
  },
  graders: [jsonAnswer({ unordered: true })],
});
