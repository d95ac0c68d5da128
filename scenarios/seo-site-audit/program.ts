type Page = {
  url: string;
  status: number;
  title: string;
  metaDescription: string;
  indexable: boolean;
  internalLinks: string[];
};
type Seo = {
  list_pages(args: {
    siteId: string;
    limit: number;
    cursor?: string;
  }): Promise<{ pages: { id: string }[]; nextCursor: string | null }>;
  get_page(args: { id: string }): Promise<{ page: Page }>;
};

export default async function audit(mcp: { seo: Seo }, { siteId }: { siteId: string }) {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const list: { pages: { id: string }[]; nextCursor: string | null } = await mcp.seo.list_pages({
      siteId,
      limit: 200,
      ...(cursor && { cursor }),
    });
    ids.push(...list.pages.map(({ id }) => id));
    cursor = list.nextCursor;
  } while (cursor);

  const pages = (await Promise.all(ids.map((id) => mcp.seo.get_page({ id })))).map(({ page }) => page);
  const gone = new Set(pages.filter(({ status }) => status === 404).map(({ url }) => url));
  const linked = new Set(pages.flatMap(({ internalLinks }) => internalLinks));
  const titles = Map.groupBy(
    pages.filter(({ status }) => status === 200),
    ({ title }) => title,
  );
  return {
    brokenLinks: pages.flatMap(({ internalLinks }) => internalLinks.filter((url) => gone.has(url))).length,
    withoutDescription: pages.filter(({ indexable, metaDescription }) => indexable && !metaDescription)
      .length,
    sharedTitles: [...titles.values()].filter((group) => group.length > 1).length,
    orphans: pages
      .filter(({ indexable, url }) => indexable && !linked.has(url))
      .map(({ url }) => url)
      .sort(),
  };
}
