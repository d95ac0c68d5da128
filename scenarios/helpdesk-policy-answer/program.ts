type Desk = {
  list_comments(args: { ticketId: string }): Promise<{ comments: { body: string }[] }>;
  search_articles(args: { query: string }): Promise<{ articles: { id: string; title: string }[] }>;
  get_article(args: { id: string }): Promise<string>;
  add_comment(args: { ticketId: string; author: string; body: string }): Promise<{ comment: { id: string } }>;
};

async function readTicket(mcp: { desk: Desk }, { ticketId }: { ticketId: string }) {
  const { comments } = await mcp.desk.list_comments({ ticketId });
  return comments.map(({ body }) => body);
}

async function findPolicy(mcp: { desk: Desk }, { query }: { query: string }) {
  const { articles } = await mcp.desk.search_articles({ query });
  return mcp.desk.get_article({ id: articles[0]?.id ?? '' });
}

type Reply = { ticketId: string; author: string; rule: string };

async function reply(mcp: { desk: Desk }, { ticketId, author, rule }: Reply) {
  await mcp.desk.add_comment({ ticketId, author, body: rule });
  return { rule };
}

/** What a reader takes a text to be about, as words to search for. */
const subjects: [RegExp, string][] = [
  [/pallet|driver|desk here|toner/, 'late deliveries policy'],
  [/invoice|purchase order|dunning|amount/, 'invoices copies policy'],
  [/wobbles|pixel|shelf|smoke/, 'defects warranty policy'],
  [/too many|label|booth|batteries/, 'returns withdrawal policy'],
];

export const steps = [
  { program: readTicket },
  {
    look: (texts: unknown) => ({
      query: subjects.find(([words]) => words.test((texts as string[])[0] ?? ''))?.[1] ?? 'policy',
    }),
    program: findPolicy,
  },
  {
    look: (article: unknown) => ({
      rule: /Rule\n\n.*\. ([^.]+\. [^.]+\.)\n/.exec(String(article))?.[1] ?? '',
    }),
    program: reply,
  },
];
