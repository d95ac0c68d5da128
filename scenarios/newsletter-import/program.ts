type Person = { email: string; firstName: string };
type Newsletter = {
  add_subscriber(args: Person & { listId: string }): Promise<{ id: string }>;
  find_subscriber(args: { email: string }): Promise<{ subscriber: { id: string } | null }>;
};

export default async function importPeople(
  mcp: { newsletter: Newsletter },
  { people, listId }: { people: Person[]; listId: string },
) {
  let timeouts = 0;
  for (const person of people) {
    try {
      await mcp.newsletter.add_subscriber({ ...person, listId });
    } catch {
      timeouts += 1;
      const { subscriber } = await mcp.newsletter.find_subscriber({ email: person.email });
      if (!subscriber) await mcp.newsletter.add_subscriber({ ...person, listId });
    }
  }
  return { added: people.length, timeouts };
}
