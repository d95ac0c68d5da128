type Hit = { id: string; year: number; citedBy: number };
type Research = { list_references(args: { documentId: string }): Promise<{ documents: Hit[] }> };

export default async function walk(mcp: { research: Research }, { documentId }: { documentId: string }) {
  const { documents: first } = await mcp.research.list_references({ documentId });
  const second = await Promise.all(first.map(({ id }) => mcp.research.list_references({ documentId: id })));
  const near = new Map(second.flatMap(({ documents }) => documents.map((each) => [each.id, each])));
  const third = await Promise.all(
    [...near.keys()].map((id) => mcp.research.list_references({ documentId: id })),
  );
  const all = new Map(
    [...first, ...near.values(), ...third.flatMap(({ documents }) => documents)].map((each) => [
      each.id,
      each,
    ]),
  );
  const ranked = [...all.values()].sort((a, b) => b.citedBy - a.citedBy || (a.id < b.id ? -1 : 1));
  return {
    documents: all.size,
    oldest: Math.min(...ranked.map(({ year }) => year)),
    top: ranked.slice(0, 3).map(({ id }) => id),
  };
}
