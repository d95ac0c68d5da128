type Crm = { search_contacts(args: { query: string; limit: number }): Promise<{ contacts: object[] }> };

export default async function listFound(mcp: { crm: Crm }, { query }: { query: string }) {
  const { contacts } = await mcp.crm.search_contacts({ query, limit: 50 });
  return contacts;
}
