type Entity = { name: string; entityType: string; observations: string[] };
type Relation = { from: string; to: string; relationType: string };
type Memory = {
  create_entities(args: { entities: Entity[] }): Promise<unknown>;
  create_relations(args: { relations: Relation[] }): Promise<unknown>;
  open_nodes(args: { names: string[] }): Promise<{ relations: Relation[] }>;
};

export default async function kickoff(
  mcp: { memory: Memory },
  { entities, relations, team }: { entities: Entity[]; relations: Relation[]; team: string },
) {
  await mcp.memory.create_entities({ entities });
  await mcp.memory.create_relations({ relations });
  const around = await mcp.memory.open_nodes({ names: [team] });
  const members = around.relations.filter(
    ({ relationType, to }) => relationType === 'works on' && to === team,
  );
  return members.map(({ from }) => from).sort();
}
