type Box = {
  search_tools(args: { task_description: string }): Promise<string>;
  call_tool_chain(args: { code: string }): Promise<{ result: unknown; logs: string[] }>;
};

export default async function topCustomers(mcp: { box: Box }, { threshold }: { threshold: number }) {
  const found = await mcp.box.search_tools({
    task_description: 'get all contacts of the CRM and the last order of each',
  });
  const functions = [...found.matchAll(/Access as: (\S+)\(/g)].map(([, name]) => name ?? '');
  const named = (part: string) => functions.find((name) => name.endsWith(part)) ?? part;
  const { result, logs } = await mcp.box.call_tool_chain({
    code: `const found = [];
let cursor = null;
do {
  const page = ${named('list_contacts')}({ limit: 200, ...(cursor && { cursor }) });
  for (const { id, name } of page.contacts) {
    const { order } = ${named('get_last_order')}({ contactId: id });
    const revenue = order?.total ?? 0;
    if (revenue > ${threshold}) found.push({ name, revenue });
  }
  cursor = page.nextCursor;
} while (cursor);
return found;`,
  });
  return result ?? logs;
}
