import { z } from 'zod';
import { defineMockServer, seedOption } from '../mock-server.ts';
import { changesOf, Table } from '../table.ts';
import { type Dataset, idOf, makeDataset } from './dataset.ts';
import { marketTools } from './market-tools.ts';
import { pageTools } from './page-tools.ts';

export type Suite = ReturnType<typeof openSuite>;

function openSuite(data: Dataset) {
  return {
    sites: new Table('site', data.sites, idOf.site),
    pages: new Table('page', data.pages, idOf.page),
    keywords: new Table('keyword', data.keywords, idOf.keyword),
    backlinks: new Table('backlink', data.backlinks, idOf.backlink),
    campaigns: new Table('campaign', data.campaigns, idOf.campaign),
    disavowals: new Table('disavowal', data.disavowals, idOf.disavowal),
  };
}

export default defineMockServer({
  name: 'seo',
  title: 'Search marketing',
  version: '1.0.0',
  instructions:
    'Crawls, rankings, backlinks, traffic and advertising of the sites of an agency’s clients, who are companies of its CRM. Amounts are in EUR, dates in UTC, today is 2026-06-30. Lists come in pages: pass nextCursor as cursor until it is null.',
  options: z.object({
    contacts: z
      .int()
      .min(1)
      .max(100_000)
      .default(200)
      .describe('Contacts of the CRM whose companies are clients'),
    sites: z.int().min(1).max(200).default(3).describe('Sites, one of each client'),
    pages: z.int().min(10).max(5_000).default(60).describe('Pages of each site'),
    seed: seedOption,
  }),
  create(options) {
    const suite = openSuite(makeDataset(options));
    return {
      tools: [...pageTools(suite), ...marketTools(suite, options.seed)],
      changes: () => changesOf(...Object.values(suite)),
    };
  },
});
