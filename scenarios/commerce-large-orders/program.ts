type Order = { id: string; total: number };
type Shop = {
  list_orders(args: { minTotal: number; sort: string }): Promise<{ orders: Order[] }>;
};

export default async function largeOrders(mcp: { shop: Shop }, { minTotal }: { minTotal: number }) {
  const { orders } = await mcp.shop.list_orders({ minTotal, sort: '-total' });
  return orders.map(({ id, total }) => ({ id, total }));
}
