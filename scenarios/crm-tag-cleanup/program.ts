type Contact = { id: string; tags: string[] };
type Crm = {
  list_contacts(args: {
    lifecycleStage: string;
    tag: string;
    limit: number;
    cursor?: string;
  }): Promise<{ contacts: Contact[]; nextCursor: string | null }>;
  untag_contact(args: { id: string; tags: string[] }): Promise<{ id: string; tags: string[] }>;
};

export default async function cleanUpTags(mcp: { crm: Crm }) {
  const contacts: Contact[] = [];
  let cursor: string | null = null;
  do {
    const page: { contacts: Contact[]; nextCursor: string | null } = await mcp.crm.list_contacts({
      lifecycleStage: 'inactive',
      tag: 'newsletter',
      limit: 200,
      ...(cursor && { cursor }),
    });
    contacts.push(...page.contacts);
    cursor = page.nextCursor;
  } while (cursor);

  const open = contacts.filter(({ tags }) => !tags.includes('key-account'));
  await Promise.all(open.map(({ id }) => mcp.crm.untag_contact({ id, tags: ['newsletter'] })));
  return { untagged: open.length, skipped: contacts.length - open.length };
}
