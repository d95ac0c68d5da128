import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/seo/dataset.ts';

const siteId = 'site_001';

export default defineScenario({
  title: 'Audit every page of a client’s site',
  description:
    'What an agency does for each client once a week: read all crawled pages, and find links to pages that are gone, missing descriptions, shared titles, and pages that no other links to. Each finding needs all pages at once.',
  params: {
    pages: { type: 'integer', default: 200, min: 10, max: 5_000, description: 'pages of the site' },
  },
  items: 'pages',
  servers: ({ params, seed }) => ({ seo: { mock: 'seo', options: { sites: 1, pages: params.pages, seed } } }),
  given: () => ({ siteId }),
  task: `Audit the site ${siteId} from the newest crawl. Read every page. Answer with nothing but a JSON object {"brokenLinks", "withoutDescription", "sharedTitles", "orphans"}: the number of internal links that lead to a page with status 404; of indexable pages without a meta description; of titles that more than one page of status 200 has; and the URLs, in order, of indexable pages to which no page links.`,
  workload: {
    runs: 160,
    tenants: 40,
    because: 'an agency audits the sites of 40 clients, each four times a month',
  },
  stresses: ['payload', 'round trips'],
  prediction: { pattern: 'code', because: 'hundreds of pages pass through, and four findings are wanted' },
  truth: ({ params, seed }) => {
    const { pages } = readDataset({ contacts: 200, sites: 1, pages: params.pages, seed });
    const incoming = new Map(pages.map(({ url }) => [url, 0]));
    for (const url of pages.flatMap((page) => page.internalLinks))
      incoming.set(url, (incoming.get(url) ?? 0) + 1);
    const titles: Record<string, number> = {};
    for (const { title } of pages.filter((page) => page.status === 200))
      titles[title] = (titles[title] ?? 0) + 1;
    const indexable = pages.filter((page) => page.indexable);
    return {
      brokenLinks: pages.reduce(
        (sum, { url, status }) => sum + (status === 404 ? (incoming.get(url) ?? 0) : 0),
        0,
      ),
      withoutDescription: indexable.filter(({ metaDescription }) => metaDescription === '').length,
      sharedTitles: Object.values(titles).filter((count) => count > 1).length,
      orphans: indexable
        .map(({ url }) => url)
        .filter((url) => incoming.get(url) === 0)
        .sort(),
    };
  },
});
