import { expect, test } from 'vitest';
import { readDataset } from '../crm/dataset.ts';
import { openServer } from '../testing/open-server.ts';
import { makeDataset } from './dataset.ts';
import seo from './server.ts';

const size = { contacts: 200, sites: 3, pages: 100, seed: 1 };

test('equal seeds give equal data, and another seed other data', () => {
  expect(makeDataset(size)).toEqual(makeDataset(size));
  expect(makeDataset({ ...size, seed: 2 }).pages).not.toEqual(makeDataset(size).pages);
});

test('sites are those of companies of the CRM', () => {
  const companies = new Map(readDataset(size).companies.map(({ id, domain }) => [id, domain]));
  for (const { companyId, domain } of makeDataset(size).sites) expect(companies.get(companyId)).toBe(domain);
});

test('every site has something of what an audit looks for', () => {
  const { sites, pages } = makeDataset(size);
  for (const { id } of sites) {
    const own = pages.filter(({ siteId }) => siteId === id);
    const linked = new Set(own.flatMap(({ internalLinks }) => internalLinks));
    expect(new Set(own.map(({ url }) => url)).size).toBe(size.pages);
    expect(own.some(({ status, url }) => status === 404 && linked.has(url))).toBe(true);
    expect(own.some(({ indexable, url }) => indexable && !linked.has(url))).toBe(true);
    expect(own.some(({ indexable, metaDescription }) => indexable && metaDescription === '')).toBe(true);
    expect(new Set(own.map(({ title }) => title)).size).toBeLessThan(size.pages);
  }
});

test('a list of pages leaves their content out, and counts agree with it', () => {
  const { call, readAll } = openServer(seo);
  const gone = readAll<object>('list_pages', 'pages', { siteId: 'site_002', status: 404, limit: 1 });
  expect(gone).not.toEqual([]);
  expect(gone.map((page) => Object.keys(page))).toEqual(
    gone.map(() => ['id', 'siteId', 'url', 'status', 'depth']),
  );
  expect(call('count_issues', { siteId: 'site_002' })).toMatchObject({ notFound: gone.length });
});

test('a domain is disavowed once for a site', () => {
  const { call, failure, mock } = openServer(seo);
  const args = { siteId: 'site_001', domain: 'spam.example' };
  call('disavow_domain', args);
  expect(failure('disavow_domain', args)).toContain('already');
  expect(mock.state().changes).toHaveLength(1);
});
