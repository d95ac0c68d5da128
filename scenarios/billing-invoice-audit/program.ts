type Tenant = { id: string; plan: string };
type Invoice = { id: string; tenantId: string; total: number };
type Prices = {
  fees: Record<string, number>;
  perThousandRequests: number;
  perMillionTokens: number;
  perGigabyte: number;
};
type Billing = {
  list_tenants(args: { limit: number }): Promise<{ tenants: Tenant[] }>;
  list_invoices(args: { month: string; limit: number }): Promise<{ invoices: Invoice[] }>;
  export_usage_csv(args: { month: string }): Promise<string>;
  price_list(args: object): Promise<Prices>;
};

export default async function auditInvoices(mcp: { billing: Billing }, { month }: { month: string }) {
  const [{ tenants }, { invoices }, csv, prices] = await Promise.all([
    mcp.billing.list_tenants({ limit: 200 }),
    mcp.billing.list_invoices({ month, limit: 200 }),
    mcp.billing.export_usage_csv({ month }),
    mcp.billing.price_list({}),
  ]);
  const used = new Map<string, { requests: number; tokens: number; storage: number }>();
  for (const line of csv.split('\n').slice(1)) {
    const [tenant = '', , requests, tokens, storage] = line.split(',');
    const sum = used.get(tenant) ?? { requests: 0, tokens: 0, storage: 0 };
    sum.requests += Number(requests);
    sum.tokens += Number(tokens);
    sum.storage = Math.max(sum.storage, Number(storage));
    used.set(tenant, sum);
  }
  const cents = (amount: number) => Math.round(amount * 100);
  return invoices.flatMap(({ id, tenantId, total }) => {
    const plan = tenants.find((tenant) => tenant.id === tenantId)?.plan ?? '';
    const { requests, tokens, storage } = used.get(tenantId) ?? { requests: 0, tokens: 0, storage: 0 };
    const right =
      cents(prices.fees[plan] ?? 0) +
      cents((requests / 1_000) * prices.perThousandRequests) +
      cents((tokens / 1_000_000) * prices.perMillionTokens) +
      cents(storage * prices.perGigabyte);
    return right === cents(total) ? [] : [{ invoice: id, billed: total, right: right / 100 }];
  });
}
