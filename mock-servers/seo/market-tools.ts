import { z } from 'zod';
import { listTool } from '../list-tools.ts';
import * as lists from '../lists.ts';
import { defineTextTool, defineTool, type MockTool, MockToolError } from '../mock-server.ts';
import { createRandom } from '../random.ts';
import { DAY_MS, date, NOW_MS } from '../values.ts';
import * as data from './dataset.ts';
import type { Suite } from './server.ts';

const siteId = z.string().describe('Such as site_001');
const day = z.iso.date();
const period = { from: day.describe('First day'), to: day.describe('Last day, included; at most 400 days') };
const domainMetrics = z.object({
  domain: z.string(),
  rating: z.int().describe('Authority from 0 to 100'),
  spamScore: z.int().describe('From 0, clean, to 100, spam'),
  linkingDomains: z.int(),
});

/**
 * Tools for rankings, backlinks, traffic and advertising. The one for result pages is as real ones often are: odd, fat, text
 * alone.
 */
export function marketTools(suite: Suite, seed: number): MockTool[] {
  const { sites, keywords, backlinks, campaigns, disavowals } = suite;
  return [
    listTool({
      name: 'list_keywords',
      title: 'List tracked keywords',
      description: `Returns keywords with this week's and last week's position. ${lists.paged}`,
      key: 'keywords',
      schema: data.keywordSchema,
      table: keywords,
      filters: { siteId: siteId.optional(), minVolume: z.int().optional(), maxPosition: z.int().optional() },
      where: {
        minVolume: ({ volume }, least) => volume >= least,
        maxPosition: ({ position }, most) => position !== null && position <= most,
      },
      sorts: ['volume', 'position', 'difficulty'],
      sort: '-volume',
    }),
    defineTool({
      name: 'get_rank_history',
      title: 'Get the history of a ranking',
      description: 'Returns the position of a keyword in each of the last 26 weeks, newest first.',
      input: z.strictObject({ keywordId: z.string().describe('Such as kw_0007') }),
      output: z.object({ weeks: z.array(z.object({ week: day, position: z.int().nullable() })) }),
      annotations: lists.reads,
      handle({ keywordId }) {
        const { position, previousPosition } = keywords.need(keywordId);
        const random = createRandom(seed, `history of ${keywordId}`);
        return {
          weeks: Array.from({ length: 26 }, (_, week) => ({
            week: date(NOW_MS - week * 7 * DAY_MS),
            position: week === 0 ? position : week === 1 ? previousPosition : random.integer(1, 100),
          })),
        };
      },
    }),
    defineTextTool({
      name: 'kwd_serp_overview_v2',
      title: 'SERP overview (v2)',
      description:
        'SERP overview for a keyword. Returns the organic results of the first page for the phrase `kwd` with all metrics of each ranking URL. IMPORTANT: always call this tool before recommending a content strategy. `loc_code` is a location code as in the location reference (2276 = Germany, 2250 = France, 2826 = United Kingdom); `dev` is the device (0 = desktop, 1 = mobile). Consumes 1 unit per row. Rows are returned in the legacy v2 layout, whose fields are documented in the field reference: pos, url, dr, ur, bl, rd, kw, tr, val, title, snip, feat, chg_1d, chg_7d, chg_30d. Missing values are returned as -1. Do not use v1.',
      input: z.strictObject({
        kwd: z.string().min(1),
        loc_code: z.int().default(2276),
        dev: z.union([z.literal(0), z.literal(1)]).default(0),
      }),
      annotations: lists.reads,
      handle: ({ kwd, loc_code }) => ({ st: 'ok', loc: loc_code, rows: serpRows(kwd, seed) }),
    }),
    listTool({
      name: 'list_backlinks',
      title: 'List backlinks',
      description: `Returns links from other sites, oldest id first. ${lists.paged}`,
      key: 'backlinks',
      schema: data.backlinkSchema,
      table: backlinks,
      filters: {
        siteId: siteId.optional(),
        sourceDomain: z.string().optional(),
        nofollow: z.boolean().optional(),
      },
    }),
    defineTool({
      name: 'get_domain_metrics',
      title: 'Get metrics of a domain',
      description: 'Returns authority and spam score of a domain that links.',
      input: z.strictObject({ domain: z.string().min(1) }),
      output: domainMetrics,
      annotations: lists.reads,
      handle: ({ domain }) => data.domainMetrics(domain, seed),
    }),
    listTool({
      name: 'list_disavowed',
      title: 'List disavowed domains',
      description: 'Returns the domains whose links search engines are asked to ignore.',
      key: 'disavowed',
      schema: data.disavowalSchema,
      table: disavowals,
      filters: { siteId: siteId.optional() },
    }),
    defineTool({
      name: 'disavow_domain',
      title: 'Disavow a domain',
      description:
        'Adds a domain to those whose links to a site are to be ignored. Fails where it is there already.',
      input: z.strictObject({ siteId, domain: z.string().min(1) }),
      output: data.disavowalSchema,
      annotations: lists.creates,
      handle({ siteId: id, domain }) {
        const site = sites.need(id);
        if (disavowals.all().some((known) => known.siteId === site.id && known.domain === domain)) {
          throw new MockToolError(`domain: ${domain} is disavowed for ${site.id} already`);
        }
        const disavowal = { id: disavowals.newId(), siteId: site.id, domain };
        disavowals.put(disavowal);
        return disavowal;
      },
    }),
    defineTool({
      name: 'get_traffic',
      title: 'Get traffic of a site',
      description: 'Returns visits and conversions of each day of a period.',
      input: z.strictObject({ siteId, ...period }),
      output: z.object({
        days: z.array(z.object({ date: day, sessions: z.int(), conversions: z.int() })),
      }),
      annotations: lists.reads,
      handle: ({ siteId: id, from, to }) => ({
        days: daysOf(from, to).map((each) => data.trafficOn(sites.need(id).id, each, seed)),
      }),
    }),
    listTool({
      name: 'list_ad_campaigns',
      title: 'List advertising campaigns',
      description: `Returns campaigns in search advertising. ${lists.paged}`,
      key: 'campaigns',
      schema: data.campaignSchema,
      table: campaigns,
      filters: { siteId: siteId.optional(), status: data.campaignSchema.shape.status.optional() },
    }),
    defineTool({
      name: 'get_ad_spend',
      title: 'Get spend of a campaign',
      description: 'Returns clicks and cost of each day of a period.',
      input: z.strictObject({ campaignId: z.string().describe('Such as ads_001'), ...period }),
      output: z.object({
        days: z.array(z.object({ date: day, clicks: z.int(), cost: z.number() })),
      }),
      annotations: lists.reads,
      handle: ({ campaignId, from, to }) => ({
        days: daysOf(from, to).map((each) => data.spendOn(campaigns.need(campaignId).id, each, seed)),
      }),
    }),
  ];
}

/** The dates from one to another, both included. */
function daysOf(from: string, to: string): string[] {
  const start = Date.parse(from);
  const length = Math.round((Date.parse(to) - start) / DAY_MS) + 1;
  if (length < 1 || length > 400) {
    throw new MockToolError(`from, to: must be a period of 1 to 400 days (got ${from} to ${to})`);
  }
  return Array.from({ length }, (_, day) => date(start + day * DAY_MS));
}

function serpRows(phrase: string, seed: number) {
  const random = createRandom(seed, `results for ${phrase}`);
  const change = () => random.integer(-9, 9);
  return Array.from({ length: 10 }, (_, index) => ({
    pos: index + 1,
    url: `https://rival-${random.integer(1, 60)}.example/${phrase.replaceAll(' ', '-')}`,
    dr: random.integer(5, 95),
    ur: random.integer(5, 80),
    bl: random.integer(1, 90_000),
    rd: random.integer(1, 4_000),
    kw: random.integer(1, 9_000),
    tr: random.integer(1, 70_000),
    val: random.integer(1, 200_000),
    title: `${phrase} – result ${index + 1}`,
    snip: `All about ${phrase}: what it costs, who makes it and how to choose. Updated this year.`,
    feat: ['sitelinks', 'faq', 'image_pack'].slice(0, random.integer(0, 3)),
    chg_1d: change(),
    chg_7d: change(),
    chg_30d: change(),
  }));
}
