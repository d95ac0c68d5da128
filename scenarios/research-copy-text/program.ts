type Mcp = {
  research: { get_full_text(args: { documentId: string }): Promise<string> };
  files: { write_file(args: { path: string; content: string }): Promise<unknown> };
};

export default async function copyText(mcp: Mcp, { documentId, path }: { documentId: string; path: string }) {
  const content = await mcp.research.get_full_text({ documentId });
  await mcp.files.write_file({ path, content });
  return { path, characters: content.length };
}
