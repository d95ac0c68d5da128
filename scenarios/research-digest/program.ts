type Hit = { id: string; citedBy: number };
type Research = {
  search_documents(args: { topic: string; fromYear: number; limit: number }): Promise<{ documents: Hit[] }>;
  get_document(args: { id: string }): Promise<{ document: { id: string; abstract: string } }>;
  export_citation(args: { documentId: string }): Promise<string>;
  create_collection(args: { name: string; documentIds: string[] }): Promise<unknown>;
};

async function gather(
  mcp: { research: Research },
  { topics, fromYear, perTopic }: { topics: string[]; fromYear: number; perTopic: number },
) {
  const found = await Promise.all(
    topics.map((topic) => mcp.research.search_documents({ topic, fromYear, limit: perTopic })),
  );
  const ids = [...new Set(found.flatMap(({ documents }) => documents.map(({ id }) => id)))];
  const documents = await Promise.all(ids.map((id) => mcp.research.get_document({ id })));
  return documents.map(({ document }) => ({ id: document.id, abstract: document.abstract }));
}

async function collect(mcp: { research: Research }, { nulls, name }: { nulls: string[]; name: string }) {
  const citations = await Promise.all(
    nulls.map((documentId) => mcp.research.export_citation({ documentId })),
  );
  await mcp.research.create_collection({ name, documentIds: nulls });
  return citations.map((text) => /doi = \{(.+)\}/.exec(text)?.[1]);
}

/** What a reader would take as nothing found. */
const nothing = /hardly anything of the difference|ended where they had begun/;

export const steps = [
  { program: gather },
  {
    look: (seen: unknown) => ({
      nulls: (seen as { id: string; abstract: string }[])
        .filter(({ abstract }) => nothing.test(abstract))
        .map(({ id }) => id)
        .sort(),
    }),
    program: collect,
  },
];
