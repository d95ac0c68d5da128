type Store = { close_item(args: { number: number; confirmed?: boolean }): Promise<{ closed: boolean }> };

export default async function closeItems(mcp: { store: Store }, { calls }: { calls: number }) {
  const numbers = Array.from({ length: calls }, (_, index) => index + 1);
  const ends = await Promise.all(
    numbers.map(async (number) => {
      const { closed } = await mcp.store.close_item({ number });
      return closed || (await mcp.store.close_item({ number, confirmed: true })).closed;
    }),
  );
  return { closed: ends.filter(Boolean).length };
}
