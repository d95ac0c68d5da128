import { z } from 'zod';
import { getTool, listTool } from '../list-tools.ts';
import * as lists from '../lists.ts';
import { defineTextTool, defineTool, type MockTool } from '../mock-server.ts';
import * as data from './dataset.ts';
import type { Suite } from './server.ts';

const siteId = z.string().describe('Such as site_001');

/** Tools for sites and the pages that a crawl found on them. */
export function pageTools({ sites, pages }: Suite): MockTool[] {
  return [
    listTool({
      name: 'list_sites',
      title: 'List sites',
      description: 'Returns the sites of all clients, page by page.',
      key: 'sites',
      schema: data.siteSchema,
      table: sites,
      filters: { companyId: z.string().optional() },
    }),
    getTool({
      name: 'get_site',
      title: 'Get a site',
      description: 'Returns one site by id.',
      key: 'site',
      schema: data.siteSchema,
      table: sites,
    }),
    listTool({
      name: 'list_pages',
      title: 'List crawled pages',
      description: `Returns the pages that the newest crawl found, without their content. ${lists.paged}`,
      key: 'pages',
      schema: data.pageSchema,
      show: (page) => data.pageSchema.parse(page),
      table: pages,
      filters: {
        siteId: siteId.optional(),
        status: z.int().optional().describe('HTTP status, such as 404'),
        maxDepth: z.int().optional(),
      },
      where: { maxDepth: ({ depth }, most) => depth <= most },
    }),
    getTool({
      name: 'get_page',
      title: 'Get a crawled page',
      description: 'Returns one page with its head, its links and what the crawler measured.',
      key: 'page',
      schema: data.pageDetails,
      table: pages,
    }),
    defineTextTool({
      name: 'get_page_html',
      title: 'Get the HTML of a page',
      description: 'Returns the HTML of a page as the crawler saw it.',
      input: z.strictObject({ id: z.string().describe('Such as page_00007') }),
      annotations: lists.reads,
      handle: ({ id }) => html(pages.need(id)),
    }),
    defineTool({
      name: 'count_issues',
      title: 'Count issues of a site',
      description: 'Counts pages of a site with a known issue, without naming them.',
      input: z.strictObject({ siteId }),
      output: z.object({
        notFound: z.int(),
        redirected: z.int(),
        slow: z.int(),
        thin: z.int(),
        notIndexable: z.int(),
      }),
      annotations: lists.reads,
      handle(args) {
        const { id } = sites.need(args.siteId);
        const own = pages.all().filter((page) => page.siteId === id);
        const count = (has: (page: data.Page) => boolean) => own.filter(has).length;
        return {
          notFound: count(({ status }) => status === 404),
          redirected: count(({ status }) => status === 301),
          slow: count(({ loadMs }) => loadMs > 3_000),
          thin: count(({ wordCount }) => wordCount < 200),
          notIndexable: count(({ indexable }) => !indexable),
        };
      },
    }),
    defineTool({
      name: 'update_page_meta',
      title: 'Change title or description',
      description: 'Changes the title or the meta description of a page on the site, and returns both.',
      input: z.strictObject({
        id: z.string().describe('Such as page_00007'),
        title: z.string().min(1).max(200).optional(),
        metaDescription: z.string().max(320).optional(),
      }),
      output: z.object({ id: z.string(), title: z.string(), metaDescription: z.string() }),
      annotations: lists.replaces,
      handle({ id, ...given }) {
        const page = pages.need(id);
        const { title = page.title, metaDescription = page.metaDescription } = given;
        pages.put({ ...page, title, metaDescription });
        return { id, title, metaDescription };
      },
    }),
  ];
}

function html({ title, metaDescription, h1, internalLinks, wordCount }: data.Page): string {
  const links = internalLinks
    .map((url) => `<li><a class="nav__link" href="${url}">${url}</a></li>`)
    .join('\n');
  const paragraph = `<p class="text text--body">${metaDescription || h1} `.concat(
    'Lorem ipsum dolor sit amet. '.repeat(12),
    '</p>\n',
  );
  return `<!doctype html>\n<html><head><title>${title}</title><meta name="description" content="${metaDescription}"></head>\n<body><h1>${h1}</h1>\n<nav><ul>${links}</ul></nav>\n${paragraph.repeat(Math.ceil(wordCount / 60))}</body></html>`;
}
