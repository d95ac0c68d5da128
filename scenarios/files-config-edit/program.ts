type Files = {
  read_text_file(args: { path: string }): Promise<{ content: string }>;
  edit_file(args: { path: string; edits: { oldText: string; newText: string }[] }): Promise<unknown>;
};

export default async function raiseLimit(
  mcp: { files: Files },
  { path, factor }: { path: string; factor: number },
) {
  const { content } = await mcp.files.read_text_file({ path });
  const [oldText = '', limit] = /^max_connections: (\d+)$/m.exec(content) ?? [];
  const raised = Number(limit) * factor;
  await mcp.files.edit_file({ path, edits: [{ oldText, newText: `max_connections: ${raised}` }] });
  return { before: Number(limit), after: raised };
}
