import { z } from 'zod';
import * as lists from '../../lists.ts';
import { defineTool, type MockTool, MockToolError } from '../../mock-server.ts';
import type { Account } from '../account.ts';
import * as own from '../arguments.ts';
import { type Contact, contactSchema, lifecycleStage, segment } from '../schemas.ts';

/** What a search shows of a contact. */
const contactHit = contactSchema.pick({
  id: true,
  name: true,
  email: true,
  jobTitle: true,
  companyName: true,
});

/** Tools that read contacts. */
export const contactTools: MockTool<Account>[] = [
  defineTool({
    name: 'get_contacts',
    title: 'Get all contacts',
    description:
      'Returns every contact of the account in one response, with all fields. Use list_contacts to filter, sort or read in pages.',
    input: z.strictObject({}),
    output: z.object({ contacts: z.array(contactSchema), total: z.int().min(0) }),
    annotations: lists.reads,
    handle(_, account) {
      const contacts = account.contacts.all();
      return { contacts, total: contacts.length };
    },
  }),
  defineTool({
    name: 'list_contacts',
    title: 'List contacts',
    description: `Returns contacts page by page, with all fields. ${lists.paged}`,
    input: z.strictObject({
      lifecycleStage: lifecycleStage.optional(),
      segment: segment.optional(),
      country: lists.country.optional(),
      companyId: own.companyId.optional(),
      ownerId: own.ownerId.optional(),
      tag: z.string().min(1).optional().describe('Only contacts with this tag, spelt exactly so'),
      createdAfter: lists.timestamp.optional().describe('Created at this time or later'),
      createdBefore: lists.timestamp.optional().describe('Created before this time'),
      lastOrderAfter: lists.timestamp.optional().describe('Newest order placed at this time or later'),
      lastOrderBefore: lists.timestamp.optional().describe('Newest order placed before this time'),
      sort: z
        .enum(lists.sortKeys('createdAt', 'name', 'lastOrderAt'))
        .default('createdAt')
        .describe('Field to sort by; falling with a leading minus, contacts without a value last'),
      ...lists.pageArguments,
    }),
    output: z.object({ contacts: z.array(contactSchema), ...lists.pageFields }),
    annotations: lists.reads,
    handle(args, account) {
      account.requireKnown(args);
      const hasWanted = lists.hasValues<Contact>(
        args,
        'lifecycleStage',
        'segment',
        'country',
        'companyId',
        'ownerId',
      );
      const created = lists.inRange(args.createdAfter, args.createdBefore);
      const ordered = lists.inRange(args.lastOrderAfter, args.lastOrderBefore);
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
      const sorted = args.sort === 'createdAt' ? matches : lists.sortRows(matches, args.sort);
      const { rows, ...page } = lists.pageOf(sorted, args);
      return { contacts: rows, ...page };
    },
  }),
  defineTool({
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with all fields, by id or by email. Give exactly one of the two.',
    input: z
      .strictObject({
        id: own.contactId.optional(),
        email: z.string().min(3).optional().describe('Email address; case does not matter'),
      })
      .refine(({ id, email }) => (id === undefined) !== (email === undefined), {
        path: ['id'],
        message: 'give exactly one of id and email',
      }),
    output: z.object({ contact: contactSchema }),
    annotations: lists.reads,
    handle({ id, email = '' }, account) {
      if (id !== undefined) return { contact: account.contacts.need(id) };
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
      query: lists.searchText.describe('Words to look for; case does not matter, parts of words match'),
      limit: lists.searchLimit,
    }),
    output: z.object({
      contacts: z.array(contactHit),
      total: lists.searchTotal,
    }),
    annotations: lists.reads,
    handle({ query, limit }, account) {
      const matches = account.contacts
        .all()
        .filter((contact) => lists.containsWords(searchTextOf(contact), query));
      const contacts = matches
        .slice(0, limit)
        .map(({ id, name, email, jobTitle, companyName }) => ({ id, name, email, jobTitle, companyName }));
      return { contacts, total: matches.length };
    },
  }),
];

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
