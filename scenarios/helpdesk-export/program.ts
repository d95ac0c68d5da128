type Ticket = { tags: string[]; comments: { author: string; body: string }[]; requesterEmail: string };
type Export = { tickets: Ticket[]; next_start_time: string | null };
type Desk = { incremental_ticket_export(args: { start_time: string }): Promise<Export> };

export default async function countMessages(mcp: { desk: Desk }, { since }: { since: string }) {
  const topics: Record<
    string,
    { topic: string; tickets: number; fromCustomers: number; fromAgents: number }
  > = {};
  let start: string | null = since;
  while (start) {
    const { tickets, next_start_time }: Export = await mcp.desk.incremental_ticket_export({
      start_time: start,
    });
    for (const { tags, comments, requesterEmail } of tickets) {
      const topic = tags[0] ?? 'none';
      const row = topics[topic] ?? { topic, tickets: 0, fromCustomers: 0, fromAgents: 0 };
      topics[topic] = row;
      row.tickets += 1;
      for (const { author } of comments) {
        if (author === requesterEmail) row.fromCustomers += 1;
        else row.fromAgents += 1;
      }
    }
    start = next_start_time;
  }
  return Object.values(topics);
}
