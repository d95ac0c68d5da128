type Newsletter = {
  get_campaign_stats(args: { campaignId: string }): Promise<{ delivered: number; opened: number }>;
};

export default async function openRate(
  mcp: { newsletter: Newsletter },
  { campaignId }: { campaignId: string },
) {
  const { delivered, opened } = await mcp.newsletter.get_campaign_stats({ campaignId });
  return { openRate: Math.round((opened / delivered) * 1000) / 10 };
}
