type Total = { tenantId: string; total: number };
type Usage = { requests: number; tokens: number; storageGb: number };
type Billing = {
  list_invoices(args: { month: string; limit: number }): Promise<{ invoices: Total[] }>;
  get_monthly_usage(args: { tenantId: string; month: string }): Promise<Usage>;
};

async function totals(mcp: { billing: Billing }) {
  const { invoices } = await mcp.billing.list_invoices({ month: '2026-05', limit: 200 });
  return invoices.map(({ tenantId, total }) => ({ tenantId, total }));
}

async function usageOf(mcp: { billing: Billing }, { tenantId }: { tenantId: string }) {
  const months = ['2026-03', '2026-04', '2026-05'];
  const usage = await Promise.all(months.map((month) => mcp.billing.get_monthly_usage({ tenantId, month })));
  return { tenantId, requests: usage.map(({ requests }) => requests) };
}

export const steps = [
  { program: totals },
  {
    look: (seen: unknown) => ({
      tenantId: (seen as Total[]).reduce((most, each) => (each.total > most.total ? each : most)).tenantId,
    }),
    program: usageOf,
  },
];
