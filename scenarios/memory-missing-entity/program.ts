type Memory = {
  add_observations(args: { observations: { entityName: string; contents: string[] }[] }): Promise<unknown>;
  create_entities(args: {
    entities: { name: string; entityType: string; observations: string[] }[];
  }): Promise<unknown>;
};

export default async function noteOrCreate(
  mcp: { memory: Memory },
  { supplier, note }: { supplier: string; note: string },
) {
  try {
    await mcp.memory.add_observations({ observations: [{ entityName: supplier, contents: [note] }] });
    return { created: false };
  } catch {
    const entity = { name: supplier, entityType: 'supplier', observations: [note] };
    await mcp.memory.create_entities({ entities: [entity] });
    return { created: true };
  }
}
