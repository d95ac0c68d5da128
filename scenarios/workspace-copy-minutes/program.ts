type Mcp = {
  workspace: { read_document(args: { id: string }): Promise<string> };
  desk: {
    create_article(args: { title: string; section: string; body: string }): Promise<{ characters: number }>;
  };
};

export default async function copyMinutes(mcp: Mcp, { documentId }: { documentId: string }) {
  const body = await mcp.workspace.read_document({ id: documentId });
  const { characters } = await mcp.desk.create_article({ title: documentId, section: 'minutes', body });
  return { characters };
}
