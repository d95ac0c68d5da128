type Seo = {
  list_pages(args: {
    siteId: string;
    status: number;
    limit: number;
  }): Promise<{ pages: { url: string }[]; total: number }>;
};

export default async function brokenPages(mcp: { seo: Seo }, { siteId }: { siteId: string }) {
  const { pages } = await mcp.seo.list_pages({ siteId, status: 404, limit: 200 });
  return pages.map(({ url }) => url);
}
