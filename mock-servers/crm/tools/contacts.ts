import { z } from 'zod';
import { defineTool, type MockTool, MockToolError } from '../../mock-server.ts';
import type { Account } from '../account.ts';
import * as inputs from '../inputs.ts';
import { pageArguments, pageFields, pageOf } from '../paging.ts';
import { containsWords, hasValues, inRange, sortKeys, sortRows } from '../queries.ts';
import { type Contact, contactSchema, lifecycleStage, segment } from '../schemas.ts';

const reads = { readOnlyHint: true, openWorldHint: false };

/** What a search shows of a contact. */
const contactHit = contactSchema.pick({
  id: true,
  name: true,
  email: true,
  jobTitle: true,
  companyName: true,
});

/** Tools that read contacts. */
export function contactTools(account: Account): MockTool[] {
  return [
    defineTool({
      name: 'get_contacts',
      title: 'Get all contacts',
      description:
        'Returns every contact of the account in one response, with all fields. Use list_contacts to filter, sort or read in pages.',
      input: z.strictObject({}),
      output: z.object({ contacts: z.array(contactSchema), total: z.int().min(0) }),
      annotations: reads,
      handle() {
        const contacts = account.contacts.all();
        return { contacts, total: contacts.length };
      },
    }),
    defineTool({
      name: 'list_contacts',
      title: 'List contacts',
      description:
        'Returns contacts page by page, with all fields. Filters combine with AND. Follow nextCursor until it is null to read all matches.',
      input: z.strictObject({
        lifecycleStage: lifecycleStage.optional(),
        segment: segment.optional(),
        country: inputs.country.optional(),
        companyId: inputs.companyId.optional(),
        ownerId: inputs.ownerId.optional(),
        tag: z.string().min(1).optional().describe('Only contacts with this tag, spelt exactly so'),
        createdAfter: inputs.timestamp.optional().describe('Created at this time or later'),
        createdBefore: inputs.timestamp.optional().describe('Created before this time'),
        lastOrderAfter: inputs.timestamp.optional().describe('Newest order placed at this time or later'),
        lastOrderBefore: inputs.timestamp.optional().describe('Newest order placed before this time'),
        sort: z
          .enum(sortKeys('createdAt', 'name', 'lastOrderAt'))
          .default('createdAt')
          .describe('Field to sort by; falling with a leading minus, contacts without a value last'),
        ...pageArguments,
      }),
      output: z.object({ contacts: z.array(contactSchema), ...pageFields }),
      annotations: reads,
      handle(args) {
        if (args.companyId !== undefined) account.company(args.companyId);
        if (args.ownerId !== undefined) account.user(args.ownerId);
        const hasWanted = hasValues<Contact>({
          lifecycleStage: args.lifecycleStage,
          segment: args.segment,
          country: args.country,
          companyId: args.companyId,
          ownerId: args.ownerId,
        });
        const created = inRange(args.createdAfter, args.createdBefore);
        const ordered = inRange(args.lastOrderAfter, args.lastOrderBefore);
        const matches = account.contacts
          .all()
          .filter(
            (contact) =>
              hasWanted(contact) &&
              (args.tag === undefined || contact.tags.includes(args.tag)) &&
              created(contact.createdAt) &&
              ordered(contact.lastOrderAt),
          );
        // Contacts are kept in order of creation, so the usual order costs nothing.
        const sorted = args.sort === 'createdAt' ? matches : sortRows(matches, args.sort);
        const { rows, ...page } = pageOf(sorted, args);
        return { contacts: rows, ...page };
      },
    }),
    defineTool({
      name: 'get_contact',
      title: 'Get a contact',
      description: 'Returns one contact with all fields, by id or by email. Give exactly one of the two.',
      input: z
        .strictObject({
          id: inputs.contactId.optional(),
          email: z.string().min(3).optional().describe('Email address; case does not matter'),
        })
        .refine(({ id, email }) => (id === undefined) !== (email === undefined), {
          path: ['id'],
          message: 'give exactly one of id and email',
        }),
      output: z.object({ contact: contactSchema }),
      annotations: reads,
      handle({ id, email = '' }) {
        if (id !== undefined) return { contact: account.contact(id) };
        const contact = account.contactByEmail(email);
        if (contact === undefined) {
          throw new MockToolError(`no contact has the email ${JSON.stringify(email.slice(0, 100))}`);
        }
        return { contact };
      },
    }),
    defineTool({
      name: 'search_contacts',
      title: 'Search contacts',
      description:
        'Finds contacts whose name, email, job title, company, city, tags or notes contain all words of the query. Returns short entries, oldest contact first; use get_contact for all fields.',
      input: z.strictObject({
        query: inputs.searchText.describe('Words to look for; case does not matter, parts of words match'),
        limit: inputs.searchLimit,
      }),
      output: z.object({
        contacts: z.array(contactHit),
        total: z.int().min(0).describe('Matches, of which at most limit are returned'),
      }),
      annotations: reads,
      handle({ query, limit }) {
        const matches = account.contacts
          .all()
          .filter((contact) => containsWords(searchTextOf(contact), query));
        const contacts = matches
          .slice(0, limit)
          .map(({ id, name, email, jobTitle, companyName }) => ({ id, name, email, jobTitle, companyName }));
        return { contacts, total: matches.length };
      },
    }),
  ];
}

// Rows are replaced, never modified, so what was derived from one stays true of it.
const searchTexts = new WeakMap<Contact, string>();

function searchTextOf(contact: Contact): string {
  let text = searchTexts.get(contact);
  if (text === undefined) {
    const { name, email, jobTitle, companyName, city, tags, notes } = contact;
    text = [name, email, jobTitle, companyName, city, ...tags, notes].join('\n').toLowerCase();
    searchTexts.set(contact, text);
  }
  return text;
}
