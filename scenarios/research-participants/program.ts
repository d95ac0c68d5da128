type Research = { get_section(args: { documentId: string; section: string }): Promise<string> };

export default async function countParticipants(
  mcp: { research: Research },
  { documentId }: { documentId: string },
) {
  const text = await mcp.research.get_section({ documentId, section: 'method' });
  return { participants: Number(/so that (\d+) took part/.exec(text)?.[1]) };
}
