type Contact = { id: string; segment: string; lifecycleStage: string };
type Subscriber = { id: string; contactId: string | null };
type Mcp = {
  crm: {
    list_contacts(args: { tag: string; limit: number; cursor?: string }): Promise<{
      contacts: Contact[];
      nextCursor: string | null;
    }>;
  };
  newsletter: {
    list_subscribers(args: { status: string; hasConsent: boolean; limit: number; cursor?: string }): Promise<{
      subscribers: Subscriber[];
      nextCursor: string | null;
    }>;
    create_campaign(args: {
      name: string;
      subject: string;
      templateId: string;
      recipientIds: string[];
    }): Promise<{ recipientCount: number }>;
  };
};

export default async function draftBySegment(mcp: Mcp, { segments }: { segments: string[] }) {
  const contacts: Contact[] = [];
  let cursor: string | null = null;
  do {
    const page: { contacts: Contact[]; nextCursor: string | null } = await mcp.crm.list_contacts({
      ...{ tag: 'newsletter', limit: 200 },
      ...(cursor && { cursor }),
    });
    contacts.push(...page.contacts);
    cursor = page.nextCursor;
  } while (cursor);

  const subscribers: Subscriber[] = [];
  do {
    const page: { subscribers: Subscriber[]; nextCursor: string | null } =
      await mcp.newsletter.list_subscribers({
        ...{ status: 'subscribed', hasConsent: true, limit: 200 },
        ...(cursor && { cursor }),
      });
    subscribers.push(...page.subscribers);
    cursor = page.nextCursor;
  } while (cursor);

  const wanted = new Map(
    contacts.filter((each) => each.lifecycleStage !== 'inactive').map((each) => [each.id, each]),
  );
  const drafted: Record<string, number> = {};
  for (const segment of segments) {
    const members = subscribers.filter(({ contactId }) => wanted.get(contactId ?? '')?.segment === segment);
    const { recipientCount } = await mcp.newsletter.create_campaign({
      name: `July for ${segment}`,
      subject: 'What is new in July',
      templateId: 'tpl_01',
      recipientIds: members.map(({ id }) => id),
    });
    drafted[segment] = recipientCount;
  }
  return drafted;
}
