type Shop = {
  get_order(args: { id: string }): Promise<{ order: { status: string; total: number } }>;
  list_payments(args: { orderId: string }): Promise<{ payments: { method: string }[] }>;
  list_shipments(args: { orderId: string }): Promise<{ shipments: { trackingCode: string }[] }>;
};

export default async function orderBrief(mcp: { shop: Shop }, { orderId }: { orderId: string }) {
  const [{ order }, { payments }, { shipments }] = await Promise.all([
    mcp.shop.get_order({ id: orderId }),
    mcp.shop.list_payments({ orderId }),
    mcp.shop.list_shipments({ orderId }),
  ]);
  return {
    status: order.status,
    total: order.total,
    method: payments[0]?.method,
    trackingCode: shipments[0]?.trackingCode,
  };
}
