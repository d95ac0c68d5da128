type Research = {
  get_document(args: { id: string }): Promise<{ document: { id: string; abstract: string } }>;
  create_collection(args: { name: string; documentIds: string[] }): Promise<unknown>;
};

async function readAbstracts(mcp: { research: Research }, { documentIds }: { documentIds: string[] }) {
  const documents = await Promise.all(documentIds.map((id) => mcp.research.get_document({ id })));
  return documents.map(({ document }) => ({ id: document.id, abstract: document.abstract }));
}

async function collect(mcp: { research: Research }, { found, name }: { found: string[]; name: string }) {
  await mcp.research.create_collection({ name, documentIds: found });
  return found;
}

/** What a reader would take as a clear finding. */
const finding = /clear in every group|margin that surprised us/;

export const steps = [
  { program: readAbstracts },
  {
    look: (seen: unknown) => ({
      found: (seen as { id: string; abstract: string }[])
        .filter(({ abstract }) => finding.test(abstract))
        .map(({ id }) => id),
    }),
    program: collect,
  },
];
