type Entity = { name: string; entityType: string; observations: string[] };
type Relation = { from: string; to: string; relationType: string };
type Files = {
  list_directory(args: { path: string }): Promise<{ content: string }>;
  read_text_file(args: { path: string }): Promise<{ content: string }>;
};
type Memory = {
  create_entities(args: { entities: Entity[] }): Promise<{ entities: Entity[] }>;
  create_relations(args: { relations: Relation[] }): Promise<{ relations: Relation[] }>;
};

export default async function moveCards(mcp: { files: Files; memory: Memory }) {
  const { content: listing } = await mcp.files.list_directory({ path: 'cards' });
  const names = listing.match(/(?<=\[FILE\] ).+/g) ?? [];
  const cards = await Promise.all(names.map((name) => mcp.files.read_text_file({ path: `cards/${name}` })));
  const open = cards
    .map(({ content }) =>
      Object.fromEntries([...content.matchAll(/^(\w+): (.+)$/gm)].map(([, key, value]) => [key, value])),
    )
    .filter(({ status }) => status === 'active')
    .map(({ project = '', lead = '', due = '' }) => ({ project, lead, due }));
  const leads = [...new Set(open.map(({ lead }) => lead))];
  await mcp.memory.create_entities({
    entities: [
      ...open.map(({ project, due }) => ({
        name: project,
        entityType: 'project',
        observations: [`due ${due}`],
      })),
      ...leads.map((name) => ({ name, entityType: 'person', observations: [] })),
    ],
  });
  await mcp.memory.create_relations({
    relations: open.map(({ project, lead }) => ({ from: lead, to: project, relationType: 'leads' })),
  });
  return { projects: open.length, people: leads.length };
}
