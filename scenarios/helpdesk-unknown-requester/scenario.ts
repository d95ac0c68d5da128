import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/helpdesk/dataset.ts';

export default defineScenario({
  title: 'Look up a requester that does not exist',
  description:
    'The right answer is that there is nothing. A model reads the error as it comes; a program that did not expect one fails, and one that did costs more than the call.',
  params: {
    email: { type: 'string', default: 'nobody@unknown.example', description: 'the address to look up' },
  },
  servers: ({ seed }) => ({ desk: { mock: 'helpdesk', options: { contacts: 200, seed } } }),
  tools: { desk: ['find_requester', 'list_tickets', 'create_ticket'] },
  task: ({ params }) =>
    `Has ${params.email} ever written to the helpdesk, and how many tickets are there from this address? Answer with nothing but a JSON object {"known", "tickets"}.`,
  stresses: ['errors', 'discovery'],
  prediction: {
    pattern: 'classic',
    because: 'one call that fails; a program has to be written for the failure',
  },
  truth: ({ params, seed }) => {
    const { tickets } = readDataset({ contacts: 200, seed });
    const own = tickets.filter(({ requesterEmail }) => requesterEmail === params.email);
    return { known: own.length > 0, tickets: own.length };
  },
});
