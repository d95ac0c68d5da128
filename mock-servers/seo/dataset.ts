import { z } from 'zod';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { remembered } from '../late.ts';
import { createRandom } from '../random.ts';
import { capitalised, DAY_MS, date, idForm, NOW_MS, timestamp } from '../values.ts';

export const idOf = {
  site: idForm('site_', 3),
  page: idForm('page_', 5),
  keyword: idForm('kw_', 4),
  backlink: idForm('bl_', 5),
  campaign: idForm('ads_', 3),
  disavowal: idForm('dis_', 3),
};

export const siteSchema = z.object({
  id: z.string(),
  companyId: z.string().describe('The client, a company of the CRM'),
  name: z.string(),
  domain: z.string(),
  country: z.string(),
  pages: z.int().describe('Pages of the newest crawl'),
});
export const pageSchema = z.object({
  id: z.string(),
  siteId: z.string(),
  url: z.string(),
  status: z.int().describe('HTTP status'),
  depth: z.int().describe('Clicks from the home page'),
});
export const pageDetails = pageSchema.extend({
  title: z.string(),
  metaDescription: z.string(),
  h1: z.string(),
  canonical: z.string().nullable(),
  indexable: z.boolean(),
  wordCount: z.int(),
  loadMs: z.int(),
  imagesWithoutAlt: z.array(z.string()),
  openGraph: z.record(z.string(), z.string()),
  internalLinks: z.array(z.string()).describe('URLs of the same site that the page links to'),
  crawledAt: z.iso.datetime(),
});
export const keywordSchema = z.object({
  id: z.string(),
  siteId: z.string(),
  phrase: z.string(),
  volume: z.int().describe('Searches a month'),
  difficulty: z.int(),
  position: z.int().nullable().describe('This week; null beyond the first 100 results'),
  previousPosition: z.int().nullable().describe('The week before'),
  url: z.string(),
});
export const backlinkSchema = z.object({
  id: z.string(),
  siteId: z.string(),
  sourceDomain: z.string(),
  sourceUrl: z.string(),
  targetUrl: z.string(),
  anchor: z.string(),
  nofollow: z.boolean(),
  firstSeen: z.iso.date(),
});
export const campaignSchema = z.object({
  id: z.string(),
  siteId: z.string(),
  name: z.string(),
  status: z.enum(['active', 'paused']),
});

export const disavowalSchema = z.object({ id: z.string(), siteId: z.string(), domain: z.string() });

export type Site = z.output<typeof siteSchema>;
export type Page = z.output<typeof pageDetails>;
type Keyword = z.output<typeof keywordSchema>;
type Backlink = z.output<typeof backlinkSchema>;
export type Campaign = z.output<typeof campaignSchema>;
type Disavowal = z.output<typeof disavowalSchema>;
export type Options = { contacts: number; sites: number; pages: number; seed: number };

const topics = [
  'desks',
  'chairs',
  'lamps',
  'shelves',
  'acoustics',
  'storage',
  'delivery',
  'leasing',
  'repair',
];
const angles = ['guide', 'prices', 'comparison', 'sizes', 'for teams', 'for schools', 'checklist', 'stock'];
const sentences = [
  'Find what fits your rooms and your budget.',
  'Read what our fitters learned in ten years.',
  'Delivered within a week, and set up on the day.',
  'With drawings, measures and a price for each size.',
];

/** The sites of an agency's clients, who are the first companies of the CRM, and all that its tools know of them. */
export function makeDataset({ contacts, sites: count, pages: size, seed }: Options) {
  const { companies } = readCrm({ contacts, seed });
  const clients = companies.slice(0, count);
  const sites = clients.map(
    ({ id, name, domain, country }, index): Site => ({
      id: idOf.site(index + 1),
      companyId: id,
      name,
      domain,
      country,
      pages: size,
    }),
  );
  const pages = sites.flatMap((site, index) => makePages(site, index * size, seed));
  return {
    sites,
    pages,
    keywords: sites.flatMap((site, index) => makeKeywords(site, index * 40, seed)),
    backlinks: sites.flatMap((site, index) => makeBacklinks(site, index * 60, seed)),
    campaigns: sites.flatMap(({ id }, index): Campaign[] =>
      ['Brand', 'Products'].map((name, half) => ({
        id: idOf.campaign(index * 2 + half + 1),
        siteId: id,
        name,
        status: half === 1 && index % 3 === 2 ? 'paused' : 'active',
      })),
    ),
    disavowals: sites.map(
      ({ id }, index): Disavowal => ({ id: idOf.disavowal(index + 1), siteId: id, domain: domainOf(index) }),
    ),
  };
}

export type Dataset = ReturnType<typeof makeDataset>;

/** The data of `makeDataset` for readers that ask again and again; they must not change it. */
export const readDataset = remembered(makeDataset);

/** A tree of pages in which some are gone, some share a title, some have no description, and some are linked from nowhere. */
function makePages(site: Site, offset: number, seed: number): Page[] {
  const random = createRandom(seed, `pages of ${site.id}`);
  const root = `https://${site.domain}/`;
  const drafts = Array.from({ length: site.pages }, (_, index) => {
    const topic = `${random.pick(topics)} ${random.pick(angles)}`;
    const path = index === 0 ? '' : `${topic.replaceAll(' ', '-')}-${index}`;
    return { topic, url: `${root}${path}`, parent: Math.floor((index - 1) / 5) };
  });
  const depths: number[] = [];
  const orphans = new Set(drafts.flatMap(({ url }, index) => (index > 0 && index % 23 === 7 ? [url] : [])));
  return drafts.map(({ topic, url, parent }, index) => {
    const depth = index === 0 ? 0 : (depths[parent] ?? 0) + 1;
    depths.push(depth);
    const status = index > 5 && random.chance(0.06) ? 404 : random.chance(0.02) ? 301 : 200;
    const name = random.chance(0.3) && index > 0 ? topic : `${topic} ${index}`;
    const children = drafts.slice(index * 5 + 1, index * 5 + 6).map((child) => child.url);
    const others = Array.from({ length: random.integer(3, 8) }, () => random.pick(drafts).url);
    const links = status === 200 ? [...new Set([root, ...children, ...others])] : [];
    const images = Array.from({ length: random.integer(0, 4) }, (_, image) => `${url}/img-${image + 1}.webp`);
    return {
      id: idOf.page(offset + index + 1),
      siteId: site.id,
      url,
      status,
      depth,
      title: `${capitalised(name)} | ${site.name}`,
      metaDescription: random.chance(0.15) ? '' : `${capitalised(topic)}. ${random.pick(sentences)}`,
      h1: capitalised(topic),
      canonical: random.chance(0.9) ? url : null,
      indexable: status === 200 && random.chance(0.95),
      wordCount: random.integer(90, 2_400),
      loadMs: random.integer(200, 5_200),
      imagesWithoutAlt: images,
      openGraph: {
        'og:title': capitalised(topic),
        'og:type': 'website',
        'og:url': url,
        'og:site_name': site.name,
      },
      internalLinks: links.filter((link) => link !== url && !orphans.has(link)),
      crawledAt: timestamp(NOW_MS - DAY_MS + index * 1_000),
    };
  });
}

function makeKeywords(site: Site, offset: number, seed: number): Keyword[] {
  const random = createRandom(seed, `keywords of ${site.id}`);
  const rank = () => (random.chance(0.15) ? null : random.integer(1, 100));
  return Array.from({ length: 40 }, (_, index) => ({
    id: idOf.keyword(offset + index + 1),
    siteId: site.id,
    phrase: `${random.pick(topics)} ${random.pick(angles)} ${site.country.toLowerCase()} ${index + 1}`,
    volume: random.integer(1, 200) * 10,
    difficulty: random.integer(5, 90),
    position: rank(),
    previousPosition: rank(),
    url: `https://${site.domain}/`,
  }));
}

function makeBacklinks(site: Site, offset: number, seed: number): Backlink[] {
  const random = createRandom(seed, `backlinks of ${site.id}`);
  return Array.from({ length: 60 }, (_, index) => {
    const sourceDomain = domainOf(random.integer(0, 29));
    return {
      id: idOf.backlink(offset + index + 1),
      siteId: site.id,
      sourceDomain,
      sourceUrl: `https://${sourceDomain}/post-${random.integer(1, 900)}`,
      targetUrl: `https://${site.domain}/`,
      anchor: random.pick([site.name, 'click here', 'office furniture', site.domain]),
      nofollow: random.chance(0.3),
      firstSeen: date(NOW_MS - random.integer(1, 700) * DAY_MS),
    };
  });
}

/** One of the domains that link to the sites. */
function domainOf(number: number): string {
  const random = createRandom(0, `domain ${number}`);
  return `${random.pick(['best', 'daily', 'link', 'office', 'work'])}-${random.pick(['hub', 'blog', 'news', 'list'])}-${number}.example`;
}

/** What is known of a domain that links, from 0 (clean) to 100 (spam). */
export function domainMetrics(domain: string, seed: number) {
  const random = createRandom(seed, `metrics of ${domain}`);
  return {
    domain,
    rating: random.integer(1, 90),
    spamScore: random.integer(0, 100),
    linkingDomains: random.integer(1, 4_000),
  };
}

/** Visits of a site on a day. */
export function trafficOn(siteId: string, day: string, seed: number) {
  const random = createRandom(seed, `traffic of ${siteId} on ${day}`);
  const sessions = random.integer(200, 900);
  return { date: day, sessions, conversions: Math.floor(sessions * (0.01 + 0.02 * random.next())) };
}

/** What a campaign cost on a day, in EUR, and the clicks that it bought. */
export function spendOn(campaignId: string, day: string, seed: number) {
  const random = createRandom(seed, `spend of ${campaignId} on ${day}`);
  return { date: day, clicks: random.integer(10, 120), cost: random.integer(800, 9_000) / 100 };
}
