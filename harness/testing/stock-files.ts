/** The task "reorder all items below 10" of a server that keeps its state; `servers` and other fields as source text. */
export function stockFiles(servers: string, fields = ''): Record<string, string> {
  return {
    'reorder/scenario.ts': `
      export default {
        title: 'Reorder what is short',
        description: 'Made by a test.',
        task: 'Reorder all items with fewer than 10 in stock. Answer with nothing but a JSON object {"reordered"}: how many they were.',
        servers: { stock: ${servers} },
        writes: true,
        truth: () => ({ reordered: Array.from({ length: 200 }, (_, i) => ((i + 1) * 7) % 23).filter((n) => n < 10).length }),
        ${fields}
      };`,
    'reorder/program.ts': `export default async function reorder(mcp) {
      const short = await mcp.stock.query({ below: 10 });
      await Promise.all(short.map(({ id }) => mcp.stock.reorder({ id })));
      return { reordered: short.length };
    }\n`,
  };
}
