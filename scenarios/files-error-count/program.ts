type Files = {
  list_directory(args: { path: string }): Promise<{ content: string }>;
  read_text_file(args: { path: string }): Promise<{ content: string }>;
};

export default async function countErrors(mcp: { files: Files }) {
  const { content: listing } = await mcp.files.list_directory({ path: 'logs' });
  const names = listing.match(/(?<=\[FILE\] ).+/g) ?? [];
  const logs = await Promise.all(names.map((name) => mcp.files.read_text_file({ path: `logs/${name}` })));
  const errors: Record<string, number> = {};
  for (const { content } of logs) {
    for (const [, service = ''] of content.matchAll(/ ERROR \[(\w+)\]/g))
      errors[service] = (errors[service] ?? 0) + 1;
  }
  return errors;
}
