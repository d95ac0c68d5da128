type Store = { get_item(args: { number: number }): Promise<{ item: { amount: number } }> };

export default async function sumItems(mcp: { store: Store }, { calls }: { calls: number }) {
  const numbers = Array.from({ length: calls }, (_, index) => index + 1);
  const found = await Promise.all(numbers.map((number) => mcp.store.get_item({ number })));
  return { amount: Math.round(found.reduce((sum, { item }) => sum + item.amount, 0) * 100) / 100 };
}
