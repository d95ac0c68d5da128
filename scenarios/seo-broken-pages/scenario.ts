import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/seo/dataset.ts';

const siteId = 'site_002';
const size = { contacts: 200, sites: 3, pages: 60 };

export default defineScenario({
  title: 'List the pages that are gone, with a filter of the server',
  description:
    'The server can filter by status, so one call brings what is wanted and nothing else. What a good tool saves, no program has to.',
  servers: ({ seed }) => ({ seo: { mock: 'seo', options: { ...size, seed } } }),
  given: () => ({ siteId }),
  task: `Which pages of the site ${siteId} were answered with status 404 in the newest crawl? Answer with nothing but a JSON array of their URLs.`,
  stresses: ['definitions', 'discovery'],
  prediction: {
    pattern: 'classic',
    because: 'one call with a small result; code pays for discovery and a program',
  },
  truth: ({ seed }) =>
    readDataset({ ...size, seed }).pages.flatMap((page) =>
      page.siteId === siteId && page.status === 404 ? [page.url] : [],
    ),
  graders: [jsonAnswer({ unordered: true })],
});
