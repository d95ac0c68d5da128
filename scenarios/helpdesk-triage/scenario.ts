import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/helpdesk/dataset.ts';

export default defineScenario({
  title: 'Read new tickets, judge them, raise the urgent ones',
  description:
    'First-line triage: every new ticket is read and judged by what it means, and a few are changed. No fixed word says what is urgent, so a program has to show the model all texts.',
  params: {
    contacts: { type: 'integer', default: 200, min: 1, max: 2_000, description: 'customers who may write' },
  },
  items: 'contacts',
  servers: ({ params, seed }) => ({
    desk: { mock: 'helpdesk', options: { contacts: params.contacts, seed } },
  }),
  tools: { desk: ['list_tickets', 'list_comments', 'update_ticket', 'get_ticket'] },
  task: 'Read the comments of all new tickets. Judge which of them are urgent: people are in danger, or their work stands still. Set the priority of those to urgent and change no others. Answer with nothing but a JSON array of the ids that you changed.',
  writes: true,
  core: true,
  stresses: ['judgement', 'writes'],
  prediction: {
    pattern: 'classic',
    because:
      'all texts have to be read in either pattern; code adds discovery, two programs and a round trip',
  },
  surprise:
    'Classic costs twice as much. The first program reads the list and all comments in one request, and shows the model a sixth of what the tools return.',
  truth: ({ params, seed }) => urgent(params.contacts, seed),
  graders: [
    jsonAnswer({ unordered: true }),
    stateUpdates({
      server: 'desk',
      expected: ({ params, seed }) =>
        urgent(Number(params.contacts), seed).map((id) => ({
          entity: 'ticket',
          id,
          fields: { priority: 'urgent' },
        })),
    }),
  ],
});

/** By the labels that the tickets were written from. */
function urgent(contacts: number, seed: number): string[] {
  const { tickets, labels } = readDataset({ contacts, seed });
  const labelled = new Set(labels.filter((label) => label.urgent).map(({ ticketId }) => ticketId));
  return tickets.filter(({ id, status }) => status === 'new' && labelled.has(id)).map(({ id }) => id);
}
