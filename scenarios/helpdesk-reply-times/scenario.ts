import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/helpdesk/dataset.ts';

export default defineScenario({
  title: 'Report how long customers wait for a first reply',
  description:
    'The monthly report of a service desk: a whole list is read, and a mean and a maximum for each of three channels are wanted.',
  params: {
    contacts: {
      type: 'integer',
      default: 200,
      min: 10,
      max: 100_000,
      description: 'customers who may write',
    },
  },
  items: 'contacts',
  servers: ({ params, seed }) => ({
    desk: { mock: 'helpdesk', options: { contacts: params.contacts, seed } },
  }),
  task: 'How long did tickets of the helpdesk wait for their first reply? Answer with nothing but a JSON array with one {"channel", "answered", "waiting", "meanHours", "longestHours"} for each channel: tickets with a first reply, tickets without one, and mean and maximum of the hours from creation to first reply, to two decimals.',
  stresses: ['payload'],
  prediction: { pattern: 'code', because: 'a long list in one result, of which a dozen numbers are wanted' },
  truth: ({ params, seed }) => {
    const { tickets } = readDataset({ contacts: params.contacts, seed });
    return [...new Set(tickets.map(({ channel }) => channel))].map((channel) => {
      const own = tickets.filter((ticket) => ticket.channel === channel);
      const seconds = own.flatMap(({ createdAt, firstReplyAt }) =>
        firstReplyAt === null ? [] : [(Date.parse(firstReplyAt) - Date.parse(createdAt)) / 1000],
      );
      seconds.sort((a, b) => a - b);
      const total = seconds.reduce((sum, each) => sum + each, 0);
      return {
        channel,
        answered: seconds.length,
        waiting: own.length - seconds.length,
        meanHours: total / seconds.length / 3600,
        longestHours: (seconds.at(-1) ?? 0) / 3600,
      };
    });
  },
  graders: [jsonAnswer({ unordered: true, decimals: 2 })],
});
