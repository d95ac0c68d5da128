type Activity = { type: string; occurredAt: string; subject: string; body: string };
type Crm = {
  list_activities(args: { contactId: string; limit: number }): Promise<{ activities: Activity[] }>;
  tag_contact(args: { id: string; tags: string[] }): Promise<{ id: string; tags: string[] }>;
};

async function readNotes(mcp: { crm: Crm }, { contactIds }: { contactIds: string[] }) {
  return Promise.all(
    contactIds.map(async (contactId) => {
      const { activities } = await mcp.crm.list_activities({ contactId, limit: 200 });
      return {
        contactId,
        notes: activities.map((each) => `${each.occurredAt} ${each.type}: ${each.subject}. ${each.body}`),
      };
    }),
  );
}

async function tagChosen(mcp: { crm: Crm }, { atRisk }: { atRisk: string[] }) {
  await Promise.all(atRisk.map((id) => mcp.crm.tag_contact({ id, tags: ['at-risk'] })));
  return atRisk;
}

/** What a reader would take as a sign that the contact may leave. */
const signs = /competitor|present supplier|days late|discount/i;

type Read = { contactId: string; notes: string[] }[];

export const steps = [
  { program: readNotes },
  {
    look: (read: unknown) => ({
      atRisk: (read as Read)
        .filter(({ notes }) => notes.some((note) => signs.test(note)))
        .map(({ contactId }) => contactId),
    }),
    program: tagChosen,
  },
];
