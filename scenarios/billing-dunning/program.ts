type Invoice = { id: string; tenantId: string; reminders: number };
type Billing = {
  list_invoices(args: { overdue: boolean; limit: number }): Promise<{ invoices: Invoice[] }>;
  get_balance(args: { tenantId: string }): Promise<{ overdue: number }>;
  send_reminder(args: { invoiceId: string }): Promise<unknown>;
  escalate_invoice(args: { invoiceId: string }): Promise<unknown>;
  set_tenant_status(args: { tenantId: string; status: string }): Promise<unknown>;
};

export default async function dunning(mcp: { billing: Billing }, { limit }: { limit: number }) {
  const { invoices } = await mcp.billing.list_invoices({ overdue: true, limit: 200 });
  const tenantIds = [...new Set(invoices.map(({ tenantId }) => tenantId))];
  const balances = await Promise.all(tenantIds.map((tenantId) => mcp.billing.get_balance({ tenantId })));
  const owes = new Map(tenantIds.map((tenantId, index) => [tenantId, balances[index]?.overdue ?? 0]));
  const done = { reminded: 0, escalated: 0, suspended: 0, left: 0 };
  const suspended = new Set<string>();
  for (const { id, tenantId, reminders } of invoices) {
    if (reminders < 2) {
      await mcp.billing.send_reminder({ invoiceId: id });
      done.reminded += 1;
    } else if ((owes.get(tenantId) ?? 0) >= limit) {
      await mcp.billing.escalate_invoice({ invoiceId: id });
      done.escalated += 1;
      suspended.add(tenantId);
    } else {
      done.left += 1;
    }
  }
  for (const tenantId of suspended) await mcp.billing.set_tenant_status({ tenantId, status: 'suspended' });
  return { ...done, suspended: suspended.size };
}
