type Contact = { id: string; name: string };
type Page = { contacts: Contact[]; nextCursor: string | null };
type Crm = {
  list_contacts(args: { limit: number; cursor?: string }): Promise<Page>;
  get_last_order(args: { contactId: string }): Promise<{ order: { total: number } | null }>;
};

export default async function topCustomers(mcp: { crm: Crm }, { threshold }: { threshold: number }) {
  const found: { name: string; revenue: number }[] = [];
  let cursor: string | null = null;
  do {
    const page: Page = await mcp.crm.list_contacts({ limit: 200, ...(cursor && { cursor }) });
    const orders = await Promise.all(
      page.contacts.map(({ id }) => mcp.crm.get_last_order({ contactId: id })),
    );
    for (const [index, { name }] of page.contacts.entries()) {
      const revenue = orders[index]?.order?.total ?? 0;
      if (revenue > threshold) found.push({ name, revenue });
    }
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}
