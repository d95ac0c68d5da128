type Ticket = { id: string; subject: string };
type Desk = {
  list_tickets(args: { status: string; limit: number }): Promise<{ tickets: Ticket[] }>;
  list_comments(args: { ticketId: string }): Promise<{ comments: { body: string }[] }>;
  update_ticket(args: { id: string; priority: string }): Promise<unknown>;
};

async function readNew(mcp: { desk: Desk }) {
  const { tickets } = await mcp.desk.list_tickets({ status: 'new', limit: 200 });
  return Promise.all(
    tickets.map(async ({ id, subject }) => {
      const { comments } = await mcp.desk.list_comments({ ticketId: id });
      return { id, subject, text: comments[0]?.body ?? '' };
    }),
  );
}

async function raisePriority(mcp: { desk: Desk }, { urgent }: { urgent: string[] }) {
  await Promise.all(urgent.map((id) => mcp.desk.update_ticket({ id, priority: 'urgent' })));
  return urgent;
}

/** What a reader would take as work that stands still, or people in danger. */
const standsStill =
  /not one desk|cannot print|will not release|blocked everywhere|by a doctor|smoke|fire exit|lets nobody in/;

export const steps = [
  { program: readNew },
  {
    look: (read: unknown) => ({
      urgent: (read as { id: string; text: string }[])
        .filter(({ text }) => standsStill.test(text))
        .map(({ id }) => id),
    }),
    program: raisePriority,
  },
];
