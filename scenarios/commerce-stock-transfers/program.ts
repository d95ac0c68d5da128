type Level = { sku: string; warehouse: string; onHand: number; reserved: number; reorderPoint: number };
type Shop = {
  list_stock_levels(args: { belowReorderPoint: boolean; limit: number }): Promise<{ levels: Level[] }>;
  get_stock(args: { sku: string }): Promise<{ levels: Level[] }>;
};

export default async function planTransfers(mcp: { shop: Shop }) {
  const { levels } = await mcp.shop.list_stock_levels({ belowReorderPoint: true, limit: 200 });
  const plans = await Promise.all(
    levels.map(async ({ sku, warehouse, onHand, reserved, reorderPoint }) => {
      const quantity = reorderPoint - (onHand - reserved);
      const spare = (level: Level) => level.onHand - level.reserved - level.reorderPoint;
      const stock = await mcp.shop.get_stock({ sku });
      const [from] = stock.levels
        .filter((level) => spare(level) >= quantity)
        .sort((a, b) => spare(b) - spare(a));
      return { sku, to: warehouse, from: from?.warehouse ?? null, quantity };
    }),
  );
  return plans;
}
