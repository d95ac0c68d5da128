type Days<Day> = Promise<{ days: Day[] }>;
type Period = { from: string; to: string };
type Seo = {
  list_sites(args: { limit: number }): Promise<{ sites: { id: string; companyId: string; name: string }[] }>;
  get_traffic(
    args: Period & { siteId: string },
  ): Days<{ date: string; sessions: number; conversions: number }>;
  list_ad_campaigns(args: { siteId: string }): Promise<{ campaigns: { id: string }[] }>;
  get_ad_spend(args: Period & { campaignId: string }): Days<{ cost: number }>;
  list_keywords(args: { siteId: string; limit: number }): Promise<{
    keywords: { position: number | null; previousPosition: number | null }[];
  }>;
};

type Billing = {
  list_invoices(args: { tenantId: string; status: string; limit: number }): Promise<{
    invoices: { total: number }[];
  }>;
};

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

export default async function weeklyReport(
  mcp: { seo: Seo; billing: Billing },
  { from, to, before }: { from: string; to: string; before: string },
) {
  const { sites } = await mcp.seo.list_sites({ limit: 200 });
  return Promise.all(
    sites.map(async ({ id: siteId, companyId, name: client }) => {
      const [{ days }, { campaigns }, { keywords }, { invoices }] = await Promise.all([
        mcp.seo.get_traffic({ siteId, from: before, to }),
        mcp.seo.list_ad_campaigns({ siteId }),
        mcp.seo.list_keywords({ siteId, limit: 200 }),
        mcp.billing.list_invoices({ tenantId: companyId, status: 'open', limit: 200 }),
      ]);
      const spend = await Promise.all(
        campaigns.map(({ id }) => mcp.seo.get_ad_spend({ campaignId: id, from, to })),
      );
      const now = days.filter(({ date }) => date >= from);
      const sessions = sum(now.map((day) => day.sessions));
      const conversions = sum(now.map((day) => day.conversions));
      const cost = sum(spend.flatMap((each) => each.days.map((day) => day.cost)));
      const moved = keywords.filter(
        ({ position, previousPosition }) => (position ?? 101) < (previousPosition ?? 101),
      );
      return {
        client,
        sessions,
        change: sessions - sum(days.filter(({ date }) => date < from).map((day) => day.sessions)),
        costPerConversion: Math.round((cost / conversions) * 100) / 100,
        keywordsUp: moved.length,
        owed: Math.round(sum(invoices.map(({ total }) => total)) * 100) / 100,
      };
    }),
  );
}
