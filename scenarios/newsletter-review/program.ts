type Newsletter = {
  request_review(args: { campaignId: string }): Promise<{ campaignId: string; comment: string }>;
  send_campaign(args: { campaignId: string }): Promise<{ id: string; status: string }>;
};

async function askReviewer(mcp: { newsletter: Newsletter }, { drafts }: { drafts: string[] }) {
  const reviews = [];
  for (const campaignId of drafts) reviews.push(await mcp.newsletter.request_review({ campaignId }));
  return reviews.map(({ campaignId, comment }) => ({ campaignId, comment }));
}

async function sendAgreed(mcp: { newsletter: Newsletter }, { agreed }: { agreed: string[] }) {
  for (const campaignId of agreed) await mcp.newsletter.send_campaign({ campaignId });
  return agreed;
}

/** What a reader would take as a yes. */
const consent = /off it goes|no objections/i;

export const steps = [
  { program: askReviewer },
  {
    look: (seen: unknown) => ({
      agreed: (seen as { campaignId: string; comment: string }[])
        .filter(({ comment }) => consent.test(comment))
        .map(({ campaignId }) => campaignId),
    }),
    program: sendAgreed,
  },
];
