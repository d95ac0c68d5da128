type Store = {
  get_item(args: { number: number }): Promise<{ item: { status: string; amount: number } }>;
};

export default async function sumOpenItems(mcp: { store: Store }, { calls }: { calls: number }) {
  const numbers = Array.from({ length: calls }, (_, index) => index + 1);
  const amounts = await Promise.all(
    numbers.map(async (number) => {
      const { item } = await mcp.store.get_item({ number });
      return item.status === 'open' ? [item.amount] : [];
    }),
  );
  const open = amounts.flat();
  return { open: open.length, amount: Math.round(open.reduce((sum, amount) => sum + amount, 0) * 100) / 100 };
}
