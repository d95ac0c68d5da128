import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/seo/dataset.ts';

const size = { contacts: 200, sites: 1, pages: 60 };
const text = 'See what it costs, and have it delivered and set up within a week.';
/** Endings of descriptions that offer something, labelled by hand. */
const offering = [
  'Delivered within a week, and set up on the day.',
  'Find what fits your rooms and your budget.',
];

export default defineScenario({
  title: 'Judge meta descriptions, rewrite those that offer nothing',
  description:
    'Eight short texts are read and judged by what they promise; those that do not pass get another. No field says which, so the texts have to be seen by the model in either pattern.',
  params: {
    reviewed: { type: 'integer', default: 8, min: 1, max: 50, description: 'pages to review' },
  },
  servers: ({ seed }) => ({ seo: { mock: 'seo', options: { ...size, seed } } }),
  tools: { seo: ['get_page', 'list_pages', 'update_page_meta'] },
  given: ({ params, seed }) => ({ pageIds: toReview(params.reviewed, seed).map(({ id }) => id), text }),
  task: ({ params, seed }) =>
    `Read the meta descriptions of the pages ${toReview(params.reviewed, seed)
      .map(({ id }) => id)
      .join(
        ', ',
      )}. Judge which of them offer the reader something to buy or to be served with, and which only announce reading matter. Replace the description of each page of the second kind, or without any, with: "${text}" Answer with nothing but a JSON array of the ids of the pages that you changed.`,
  writes: true,
  stresses: ['judgement', 'writes'],
  prediction: {
    pattern: 'classic',
    because: 'the texts have to be read in either pattern; code adds two programs and a round trip',
  },
  surprise:
    'What is judged is a tenth of what the tool returns. The program shows the model that tenth, which is worth its round trip.',
  truth: ({ params, seed }) => vague(params.reviewed, seed),
  graders: [
    jsonAnswer({ unordered: true }),
    stateUpdates({
      server: 'seo',
      expected: ({ params, seed }) =>
        vague(Number(params.reviewed), seed).map((id) => ({
          entity: 'page',
          id,
          fields: { metaDescription: text },
        })),
    }),
  ],
});

function toReview(count: number, seed: number) {
  return readDataset({ ...size, seed }).pages.slice(5, 5 + count);
}

function vague(count: number, seed: number): string[] {
  return toReview(count, seed).flatMap(({ id, metaDescription }) =>
    offering.some((ending) => metaDescription.endsWith(ending)) ? [] : [id],
  );
}
