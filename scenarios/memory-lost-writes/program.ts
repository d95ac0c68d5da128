type Entity = { name: string; entityType: string; observations: string[] };
type Memory = {
  create_entities(args: { entities: Entity[] }): Promise<{ entities: Entity[] }>;
};
type Decision = { name: string; text: string };

export default async function remember(mcp: { memory: Memory }, { decisions }: { decisions: Decision[] }) {
  const written = await Promise.all(
    decisions.map(({ name, text }) =>
      mcp.memory.create_entities({ entities: [{ name, entityType: 'decision', observations: [text] }] }),
    ),
  );
  return { remembered: written.flatMap(({ entities }) => entities).length };
}
