type Ticket = { companyId: string; solvedAt: string | null };
type Mcp = {
  desk: {
    list_tickets(args: {
      limit: number;
      cursor?: string;
    }): Promise<{ tickets: Ticket[]; nextCursor: string | null }>;
  };
  crm: { get_company(args: { id: string }): Promise<{ company: { id: string; industry: string } }> };
};

export default async function byIndustry(mcp: Mcp) {
  const tickets: Ticket[] = [];
  let cursor: string | null = null;
  do {
    const page: { tickets: Ticket[]; nextCursor: string | null } = await mcp.desk.list_tickets({
      limit: 200,
      ...(cursor && { cursor }),
    });
    tickets.push(...page.tickets);
    cursor = page.nextCursor;
  } while (cursor);
  const ids = [...new Set(tickets.map(({ companyId }) => companyId))];
  const companies = await Promise.all(ids.map((id) => mcp.crm.get_company({ id })));
  const industryOf = new Map(companies.map(({ company }) => [company.id, company.industry]));
  const rows: Record<string, { industry: string; tickets: number; unsolved: number }> = {};
  for (const { companyId, solvedAt } of tickets) {
    const industry = industryOf.get(companyId) ?? '';
    const row = rows[industry] ?? { industry, tickets: 0, unsolved: 0 };
    rows[industry] = row;
    row.tickets += 1;
    if (!solvedAt) row.unsolved += 1;
  }
  return Object.values(rows);
}
