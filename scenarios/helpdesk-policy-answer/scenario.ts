import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/helpdesk/dataset.ts';
import { ARTICLE_PARTS } from '../../mock-servers/helpdesk/texts.ts';
import { createdRows } from '../created-rows.ts';

export default defineScenario({
  title: 'Answer a ticket with the rule that applies to it',
  description:
    'Read the ticket, find the article by what the ticket means, read the article, quote its rule: three times the next call depends on prose that was read.',
  servers: ({ seed }) => ({ desk: { mock: 'helpdesk', options: { contacts: 200, seed } } }),
  tools: { desk: ['list_comments', 'search_articles', 'get_article', 'add_comment'] },
  given: ({ seed }) => wanted(seed),
  task: ({ seed }) => {
    const { ticketId, author } = wanted(seed);
    return `Read the comments of ticket ${ticketId}, find the policy article of the knowledge base on what it is about, and reply as ${author} with a public comment that quotes the rule of that article word for word: the last two sentences of its section "Rule", and nothing else. Answer with nothing but a JSON object {"rule"}.`;
  },
  writes: true,
  stresses: ['judgement', 'round trips'],
  prediction: {
    pattern: 'classic',
    because: 'three decisions on prose: code writes three programs and gains nothing',
  },
  truth: ({ seed }) => ({ rule: ruleFor(seed) }),
  graders: [
    jsonAnswer(),
    createdRows('desk', ({ seed }) => [
      { entity: 'comment', fields: { ...wanted(seed), body: ruleFor(seed), public: true } },
    ]),
  ],
});

/** The newest ticket without a reply, and who answers it. */
function wanted(seed: number) {
  const { tickets } = readDataset({ contacts: 200, seed });
  const ticket = tickets.findLast(({ status }) => status === 'new');
  if (!ticket) throw new RangeError('there is no new ticket');
  return { ticketId: ticket.id, author: 'desk@ourcompany.example' };
}

function ruleFor(seed: number): string {
  const { labels } = readDataset({ contacts: 200, seed });
  const topic = labels.find(({ ticketId }) => ticketId === wanted(seed).ticketId)?.topic;
  if (!topic) throw new RangeError('the ticket has no label');
  return ARTICLE_PARTS[topic].policy;
}
