type Billing = {
  list_invoices(args: {
    tenantId: string;
    month: string;
  }): Promise<{ invoices: { id: string; status: string }[] }>;
  void_invoice(args: { invoiceId: string }): Promise<unknown>;
};
type Claim = { tenantId: string; month: string };

export default async function checkClaim(mcp: { billing: Billing }, { tenantId, month }: Claim) {
  const { invoices } = await mcp.billing.list_invoices({ tenantId, month });
  const duplicates = invoices.filter(({ status }) => status !== 'void').slice(1);
  for (const { id } of duplicates) await mcp.billing.void_invoice({ invoiceId: id });
  return { voided: duplicates.map(({ id }) => id) };
}
