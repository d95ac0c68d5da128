import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/crm/dataset.ts';

/** Sentences of the account's notes that say so, labelled by hand. */
const labelled = [
  'Competitor mentioned',
  'Will compare with the present supplier.',
  'Delivery was two days late; apologised.',
  'Asked for a volume discount from 50 units.',
];

export default defineScenario({
  title: 'Read notes, judge them, tag the contacts at risk',
  description:
    'The notes on a handful of contacts must be read and judged by what they mean before anything is done. A program cannot judge: what it reads has to be shown to the model all the same, which costs the code pattern a program and a round trip.',
  params: {
    contacts: { type: 'integer', default: 5000, min: 1, max: 100_000, description: 'contacts in the CRM' },
    reviewed: { type: 'integer', default: 6, min: 1, max: 500, description: 'contacts to review' },
  },
  items: 'reviewed',
  servers: ({ params, seed }) => ({ crm: { mock: 'crm', options: { contacts: params.contacts, seed } } }),
  tools: { crm: ['list_activities', 'tag_contact', 'get_contact', 'search_contacts'] },
  given: ({ params, seed }) => ({ contactIds: toReview(params, seed).map(({ id }) => id) }),
  task: ({ params, seed }) =>
    `Read all activities of the CRM contacts ${toReview(params, seed)
      .map(({ id }) => id)
      .join(
        ', ',
      )}. Judge from their subjects and bodies which of these contacts may be about to leave us: they look at other suppliers, press for price, or were let down. Tag those with at-risk and no others. Answer with nothing but a JSON array of the ids that you tagged.`,
  writes: true,
  core: true,
  stresses: ['judgement', 'writes'],
  prediction: {
    pattern: 'classic',
    because: 'the prose has to be read in either pattern; code adds discovery, two programs and a round trip',
  },
  surprise:
    'Classic costs 1.6 times as much. With all declarations in its one definition, code-typed discovers nothing and takes three requests, as classic does; its program shows the model a third of what the tool returns.',
  truth: ({ params, seed }) => atRisk(params, seed).map(({ id }) => id),
  graders: [
    jsonAnswer({ unordered: true }),
    stateUpdates({
      server: 'crm',
      derived: ['updatedAt'],
      expected: ({ params, seed }) =>
        atRisk(params as { contacts: number; reviewed: number }, seed).map(({ id, tags }) => ({
          entity: 'contact',
          id,
          fields: { tags: [...new Set([...tags, 'at-risk'])].sort() },
        })),
    }),
  ],
});

/** Contacts with two to eight activities, evenly spread over the account. */
function toReview(params: { contacts: number; reviewed: number }, seed: number) {
  const { contacts, activities } = readDataset({ contacts: params.contacts, seed });
  const counts = Map.groupBy(activities, ({ contactId }) => contactId);
  const suitable = contacts.filter(({ id }) => {
    const count = counts.get(id)?.length ?? 0;
    return count >= 2 && count <= 8;
  });
  const wanted = Math.min(params.reviewed, suitable.length);
  return Array.from(
    { length: wanted },
    (_, index) => suitable[Math.floor((index * suitable.length) / wanted)],
  ).flatMap((contact) => contact ?? []);
}

function atRisk(params: { contacts: number; reviewed: number }, seed: number) {
  const { activities } = readDataset({ contacts: params.contacts, seed });
  return toReview(params, seed).filter(({ id }) =>
    activities.some(
      ({ contactId, subject, body }) =>
        contactId === id && labelled.some((sentence) => sentence === subject || sentence === body),
    ),
  );
}
