type Ticket = { channel: string; createdAt: string; firstReplyAt: string | null };
type Desk = {
  list_tickets(args: {
    limit: number;
    cursor?: string;
  }): Promise<{ tickets: Ticket[]; nextCursor: string | null }>;
};

export default async function replyTimes(mcp: { desk: Desk }) {
  const hours: Record<string, number[]> = {};
  const waiting: Record<string, number> = {};
  let cursor: string | null = null;
  do {
    const page: { tickets: Ticket[]; nextCursor: string | null } = await mcp.desk.list_tickets({
      limit: 200,
      ...(cursor && { cursor }),
    });
    for (const { channel, createdAt, firstReplyAt } of page.tickets) {
      hours[channel] ??= [];
      if (firstReplyAt) hours[channel].push((Date.parse(firstReplyAt) - Date.parse(createdAt)) / 3_600_000);
      else waiting[channel] = (waiting[channel] ?? 0) + 1;
    }
    cursor = page.nextCursor;
  } while (cursor);
  return Object.entries(hours).map(([channel, all]) => ({
    channel,
    answered: all.length,
    waiting: waiting[channel] ?? 0,
    meanHours: Math.round((all.reduce((sum, each) => sum + each, 0) / all.length) * 100) / 100,
    longestHours: Math.round(Math.max(...all) * 100) / 100,
  }));
}
