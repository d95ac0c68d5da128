type Crm = {
  get_contacts(args: object): Promise<{ contacts: { id: string; name: string }[] }>;
  get_last_order(args: { contactId: string }): Promise<{ order: { total: number } | null }>;
};

export default async function topCustomers(mcp: { crm: Crm }, { threshold }: { threshold: number }) {
  const { contacts } = await mcp.crm.get_contacts({});
  const orders = await Promise.all(contacts.map(({ id }) => mcp.crm.get_last_order({ contactId: id })));
  return contacts.flatMap(({ name }, index) => {
    const revenue = orders[index]?.order?.total ?? 0;
    return revenue > threshold ? [{ name, revenue }] : [];
  });
}
