type Crm = {
  get_company(args: { id: string }): Promise<{ company: { name: string; ownerId: string } }>;
  get_company_contacts(args: { companyId: string; limit: number }): Promise<{ total: number }>;
  list_orders(args: {
    companyId: string;
    limit: number;
  }): Promise<{ orders: { total: number }[]; total: number }>;
  list_deals(args: { companyId: string; open: boolean }): Promise<{ total: number }>;
  list_users(args: object): Promise<{ users: { id: string; name: string }[] }>;
};

export default async function accountBrief(mcp: { crm: Crm }, { companyId }: { companyId: string }) {
  const [{ company }, contacts, { orders, total }, deals, { users }] = await Promise.all([
    mcp.crm.get_company({ id: companyId }),
    mcp.crm.get_company_contacts({ companyId, limit: 1 }),
    mcp.crm.list_orders({ companyId, limit: 1 }),
    mcp.crm.list_deals({ companyId, open: true }),
    mcp.crm.list_users({}),
  ]);
  return {
    name: company.name,
    contacts: contacts.total,
    orders: total,
    lastTotal: orders[0]?.total ?? null,
    openDeals: deals.total,
    owner: users.find(({ id }) => id === company.ownerId)?.name,
  };
}
