type Contact = { companyId: string };
type Company = { id: string; industry: string; employees: number };
type Page<Items> = Items & { nextCursor: string | null };
type Crm = {
  list_contacts(args: {
    segment: string;
    limit: number;
    cursor?: string;
  }): Promise<Page<{ contacts: Contact[] }>>;
  get_company(args: { id: string }): Promise<{ company: Company }>;
};

export default async function segmentReport(mcp: { crm: Crm }, { segment }: { segment: string }) {
  const contacts: Contact[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<{ contacts: Contact[] }> = await mcp.crm.list_contacts({
      segment,
      limit: 200,
      ...(cursor && { cursor }),
    });
    contacts.push(...page.contacts);
    cursor = page.nextCursor;
  } while (cursor);

  const ids = [...new Set(contacts.map(({ companyId }) => companyId))];
  const companies = await Promise.all(ids.map((id) => mcp.crm.get_company({ id })));
  const industries = new Map<
    string,
    { industry: string; contacts: number; companies: number; employees: number }
  >();
  for (const { company } of companies) {
    const { industry } = company;
    const row = industries.get(industry) ?? { industry, contacts: 0, companies: 0, employees: 0 };
    row.contacts += contacts.filter(({ companyId }) => companyId === company.id).length;
    row.companies += 1;
    row.employees += company.employees;
    industries.set(industry, row);
  }
  return [...industries.values()].sort(
    (a, b) => b.contacts - a.contacts || (a.industry < b.industry ? -1 : 1),
  );
}
