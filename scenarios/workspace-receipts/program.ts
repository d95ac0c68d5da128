type Mail = { id: string };
type Workspace = {
  list_mail(args: { label: string; limit: number }): Promise<{ mails: Mail[] }>;
  read_mail(args: { id: string }): Promise<string>;
  create_sheet(args: { title: string; header: string[] }): Promise<{ id: string }>;
  append_rows(args: { id: string; rows: (string | number)[][] }): Promise<unknown>;
};

export default async function enterReceipts(mcp: { workspace: Workspace }) {
  const { mails } = await mcp.workspace.list_mail({ label: 'receipt', limit: 200 });
  const rows = await Promise.all(
    mails.map(async ({ id }) => {
      const text = await mcp.workspace.read_mail({ id });
      const vendor = /^Subject: Your receipt \d+ from (.+)$/m.exec(text)?.[1] ?? '';
      const amount = Number(/^Total: EUR ([\d.]+)$/m.exec(text)?.[1]);
      return [id, vendor, amount];
    }),
  );
  const sheet = await mcp.workspace.create_sheet({ title: 'Receipts', header: ['mail', 'vendor', 'amount'] });
  await mcp.workspace.append_rows({ id: sheet.id, rows });
  const cents = rows.reduce((sum, [, , amount]) => sum + Math.round(Number(amount) * 100), 0);
  return { receipts: rows.length, total: cents / 100 };
}
