import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { fnv1a } from '../../mock-servers/random.ts';
import { createdRows } from '../created-rows.ts';

const listId = 'lst_03';
const names = ['Ada', 'Bo', 'Cleo', 'Dag', 'Edda', 'Finn', 'Gro', 'Hal'];

export default defineScenario({
  title: 'Add people to a list over a gateway that times out',
  description:
    'Some calls end with a timeout, after which the person was added or was not. Who tries again without looking adds people twice.',
  params: {
    people: { type: 'integer', default: 16, min: 1, max: 500, description: 'people to add' },
  },
  servers: ({ seed }) => ({ newsletter: { mock: 'newsletter', options: { contacts: 200, seed } } }),
  tools: { newsletter: ['add_subscriber', 'find_subscriber', 'list_subscribers', 'list_lists'] },
  given: ({ params }) => ({ people: peopleOf(params.people), listId }),
  task: ({ params }) =>
    `Add these people to the list ${listId}, each once, none twice: ${JSON.stringify(peopleOf(params.people))}. Answer with nothing but a JSON object {"added", "timeouts"}: how many people are on the list now who were not before, and how many of your first attempts timed out.`,
  writes: true,
  stresses: ['errors', 'writes', 'round trips'],
  prediction: {
    pattern: 'code',
    because: 'what to do after a timeout is a rule, which a program follows without asking the model',
  },
  truth: ({ params }) => ({
    added: params.people,
    timeouts: peopleOf(params.people).filter(({ email }) => fnv1a(email) % 6 <= 1).length,
  }),
  graders: [
    jsonAnswer(),
    createdRows('newsletter', ({ params }) =>
      peopleOf(Number(params.people)).map((person) => ({
        entity: 'subscriber',
        fields: { ...person, status: 'subscribed', listIds: [listId] },
      })),
    ),
  ],
});

function peopleOf(count: number) {
  return Array.from({ length: count }, (_, index) => {
    const firstName = names[index % names.length] ?? '';
    return { email: `${firstName.toLowerCase()}.${index + 1}@visitors.example`, firstName };
  });
}
