type Shipment = { orderId: string; trackingCode: string };
type Shop = {
  list_shipments(args: {
    shippedAfter: string;
    late: boolean;
    limit: number;
  }): Promise<{ shipments: Shipment[] }>;
  TRK_queryParcelStatusV2(args: { trackingCode: string }): Promise<string>;
};

export default async function readScans(mcp: { shop: Shop }, { since }: { since: string }) {
  const { shipments } = await mcp.shop.list_shipments({ shippedAfter: since, late: true, limit: 200 });
  const found = await Promise.all(
    shipments.map(async ({ orderId, trackingCode }) => {
      const scans = await mcp.shop.TRK_queryParcelStatusV2({ trackingCode });
      return { orderId, delivered: /LAST STATUS: delivered (\S+)/.exec(scans)?.[1] ?? null };
    }),
  );
  return found;
}
