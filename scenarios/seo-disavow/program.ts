type List<Rows> = Promise<Rows & { nextCursor: string | null }>;
type Seo = {
  list_backlinks(args: { siteId: string; limit: number }): List<{ backlinks: { sourceDomain: string }[] }>;
  list_disavowed(args: { siteId: string; limit: number }): List<{ disavowed: { domain: string }[] }>;
  get_domain_metrics(args: { domain: string }): Promise<{ domain: string; spamScore: number }>;
  disavow_domain(args: { siteId: string; domain: string }): Promise<unknown>;
};

export default async function disavow(
  mcp: { seo: Seo },
  { siteId, partners, limit }: { siteId: string; partners: string[]; limit: number },
) {
  const [{ backlinks }, { disavowed }] = await Promise.all([
    mcp.seo.list_backlinks({ siteId, limit: 200 }),
    mcp.seo.list_disavowed({ siteId, limit: 200 }),
  ]);
  const known = new Set([...partners, ...disavowed.map(({ domain }) => domain)]);
  const domains = [...new Set(backlinks.map(({ sourceDomain }) => sourceDomain))].filter(
    (each) => !known.has(each),
  );
  const metrics = await Promise.all(domains.map((domain) => mcp.seo.get_domain_metrics({ domain })));
  const spam = metrics
    .filter(({ spamScore }) => spamScore > limit)
    .map(({ domain }) => domain)
    .sort();
  for (const domain of spam) await mcp.seo.disavow_domain({ siteId, domain });
  return spam;
}
