type Store = {
  get_item(args: { number: number }): Promise<{ item: { status: string; amount: number } }>;
};

export default async function readThree(mcp: { store: Store }, { numbers }: { numbers: number[] }) {
  const items = await Promise.all(numbers.map((number) => mcp.store.get_item({ number })));
  return items.map(({ item }) => item.amount);
}
