import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { endings, readDataset, topics } from '../../mock-servers/research/dataset.ts';
import { createdRows } from '../created-rows.ts';

const [size, fromYear, name] = [240, 2016, 'Nothing found'];

export default defineScenario({
  title: 'Digest the studies of several topics, by what they found',
  description:
    'What an agency does before it writes: search several topics, read the abstracts of the studies most referred to, judge which of them found nothing, and collect these with their citations. Finding the sources is mechanical; judging them is not.',
  params: {
    topics: { type: 'integer', default: 5, min: 1, max: 8, description: 'topics to search' },
    perTopic: { type: 'integer', default: 6, min: 1, max: 50, description: 'studies to read of each' },
  },
  items: 'perTopic',
  servers: ({ seed }) => ({ research: { mock: 'research', options: { documents: size, seed } } }),
  given: ({ params }) => ({ topics: topics.slice(0, params.topics), fromYear, name }),
  task: ({ params }) =>
    `Find, for each of the topics ${topics.slice(0, params.topics).join(', ')}, the ${params.perTopic} studies since ${fromYear} that are referred to most. Read their abstracts and judge which studies did not find what they looked for. Make a collection "${name}" of these, in order of id, and export the citation of each. Answer with nothing but a JSON array of their DOIs.`,
  writes: true,
  workload: { runs: 440, tenants: 20, because: 'a digest for each client on 22 days' },
  stresses: ['judgement', 'round trips', 'payload'],
  prediction: {
    pattern: 'code',
    because:
      'searches, merging and citations are mechanical; the abstracts have to be shown once in either pattern',
  },
  truth: ({ params, seed }) => nulls(params, seed).map(({ doi }) => doi),
  graders: [
    jsonAnswer({ unordered: true }),
    createdRows('research', ({ params, seed }) => [
      {
        entity: 'collection',
        fields: { name, documentIds: nulls(params as Digest, seed).map(({ id }) => id) },
      },
    ]),
  ],
});

type Digest = { topics: number; perTopic: number };

function nulls({ topics: count, perTopic }: Digest, seed: number) {
  const recent = readDataset({ documents: size, seed }).documents.filter(({ year }) => year >= fromYear);
  const found = topics.slice(0, count).flatMap((topic) => {
    const own = recent.filter((each) => each.topics.includes(topic));
    return own.sort((a, b) => b.citedBy - a.citedBy || (a.id < b.id ? 1 : -1)).slice(0, perTopic);
  });
  const texts = endings.filter((ending) => !ending.found).map(({ text }) => text);
  return recent.filter((each) => found.includes(each) && texts.some((text) => each.abstract.includes(text)));
}
