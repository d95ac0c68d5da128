type Seo = {
  get_page(args: { id: string }): Promise<{ page: { h1: string; title: string; metaDescription: string } }>;
  update_page_meta(args: { id: string; metaDescription: string }): Promise<unknown>;
};

async function readSnippets(mcp: { seo: Seo }, { pageIds }: { pageIds: string[] }) {
  const pages = await Promise.all(pageIds.map((id) => mcp.seo.get_page({ id })));
  return pages.map(({ page }, index) => ({
    id: pageIds[index],
    h1: page.h1,
    description: page.metaDescription,
  }));
}

async function replaceChosen(mcp: { seo: Seo }, { vague, text }: { vague: string[]; text: string }) {
  await Promise.all(vague.map((id) => mcp.seo.update_page_meta({ id, metaDescription: text })));
  return vague;
}

/** What a reader would take as a promise of something to be had, and not as advice. */
const offers = /Delivered within|fits your rooms/;

export const steps = [
  { program: readSnippets },
  {
    look: (seen: unknown) => ({
      vague: (seen as { id: string; description: string }[])
        .filter(({ description }) => !offers.test(description))
        .map(({ id }) => id),
    }),
    program: replaceChosen,
  },
];
