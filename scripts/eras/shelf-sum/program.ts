type Store = {
  open_shelf(args: { shelf: number }): Promise<{ handle?: string }>;
  get_item(args: { handle?: string; number: number }): Promise<{ item: { amount: number } }>;
};

export default async function sumShelf(mcp: { store: Store }, { calls }: { calls: number }) {
  const { handle } = await mcp.store.open_shelf({ shelf: 2 });
  const numbers = Array.from({ length: calls }, (_, index) => index + 1);
  const found = await Promise.all(
    numbers.map((number) => mcp.store.get_item({ ...(handle && { handle }), number })),
  );
  return { amount: Math.round(found.reduce((sum, { item }) => sum + item.amount, 0) * 100) / 100 };
}
