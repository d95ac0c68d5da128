import { z } from 'zod';
import * as lists from '../../lists.ts';
import { defineTool, type MockTool, MockToolError } from '../../mock-server.ts';
import { NOW } from '../../values.ts';
import type { Account } from '../account.ts';
import * as own from '../arguments.ts';
import { type Contact, contactSchema, lifecycleStage, segment } from '../schemas.ts';

const name = z.string().trim().min(1).max(80);
const email = z.email().max(200).toLowerCase().describe('No other contact may have it');
const phone = z.string().max(40);
const shortText = z.string().max(120);
const notes = z.string().max(2_000);
const tagArgument = own.tags.min(1).describe('Tags, spelt exactly so');

/** The fields of a contact that can be set after its creation; tags have tools of their own. */
const changeable = {
  firstName: name.optional(),
  lastName: name.optional(),
  email: email.optional(),
  companyId: own.companyId.optional(),
  phone: phone.optional(),
  jobTitle: shortText.optional(),
  lifecycleStage: lifecycleStage.optional(),
  segment: segment.optional(),
  ownerId: own.ownerId.optional(),
  city: shortText.optional(),
  country: lists.country.optional(),
  notes: notes.optional(),
};

/** Tools that create, change and delete contacts. */
export const contactWriteTools: MockTool<Account>[] = [
  defineTool({
    name: 'create_contact',
    title: 'Create a contact',
    description:
      'Creates a contact at an existing company and returns it. Segment, owner, city and country are those of the company unless given.',
    input: z.strictObject({
      firstName: name,
      lastName: name,
      email,
      companyId: own.companyId,
      phone: phone.default(''),
      jobTitle: shortText.default(''),
      lifecycleStage: lifecycleStage.default('lead'),
      segment: segment.optional(),
      ownerId: own.ownerId.optional(),
      tags: own.tags.default([]),
      city: shortText.optional(),
      country: lists.country.optional(),
      notes: notes.default(''),
    }),
    output: z.object({ contact: contactSchema }),
    annotations: lists.creates,
    handle(args, account) {
      const company = account.companies.need(args.companyId);
      account.requireKnown(args);
      account.requireFreeEmail(args.email);
      const contact: Contact = {
        id: account.contacts.newId(),
        firstName: args.firstName,
        lastName: args.lastName,
        name: `${args.firstName} ${args.lastName}`,
        email: args.email,
        phone: args.phone,
        jobTitle: args.jobTitle,
        companyId: company.id,
        companyName: company.name,
        lifecycleStage: args.lifecycleStage,
        segment: args.segment ?? company.segment,
        ownerId: args.ownerId ?? company.ownerId,
        tags: tagSet(args.tags),
        city: args.city ?? company.city,
        country: args.country ?? company.country,
        createdAt: NOW,
        updatedAt: NOW,
        lastOrderAt: null,
        notes: args.notes,
      };
      account.saveContact(contact);
      return { contact };
    },
  }),
  defineTool({
    name: 'update_contact',
    title: 'Update a contact',
    description:
      'Sets the given fields of a contact, leaves the others as they are, and returns the contact. A new companyId also brings the company name. Use tag_contact and untag_contact for tags.',
    input: z.strictObject({
      id: own.contactId,
      ...changeable,
    }),
    output: z.object({ contact: contactSchema }),
    annotations: lists.replaces,
    handle({ id, ...fields }, account) {
      const before = account.contacts.need(id);
      const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
      if (Object.keys(given).length === 0) {
        throw new MockToolError(
          `nothing to update; give at least one of ${Object.keys(changeable).join(', ')}`,
        );
      }
      if (fields.ownerId !== undefined) account.users.need(fields.ownerId);
      if (fields.email !== undefined) account.requireFreeEmail(fields.email, id);
      const company = account.companies.need(fields.companyId ?? before.companyId);
      const merged: Contact = { ...before, ...given, companyName: company.name, updatedAt: NOW };
      const contact = { ...merged, name: `${merged.firstName} ${merged.lastName}` };
      account.saveContact(contact);
      return { contact };
    },
  }),
  defineTool({
    name: 'delete_contact',
    title: 'Delete a contact',
    description:
      'Deletes a contact and its activities for good. Refused for a contact that has orders or deals, because they have to keep their contact.',
    input: z.strictObject({ id: own.contactId }),
    output: z.object({
      deletedContactId: z.string(),
      deletedActivities: z.int().min(0).describe('Activities that went with it'),
    }),
    annotations: { ...lists.replaces, idempotentHint: false },
    handle({ id }, account) {
      const contact = account.contacts.need(id);
      const orders = account.ordersOf(id).length;
      const deals = account.deals.all().filter(({ contactId }) => contactId === id).length;
      if (orders > 0 || deals > 0) {
        throw new MockToolError(
          `contact ${id} cannot be deleted: it has ${orders} orders and ${deals} deals`,
        );
      }
      const activities = account.activities.all().filter(({ contactId }) => contactId === id);
      for (const activity of activities) account.activities.delete(activity.id);
      account.removeContact(contact);
      return { deletedContactId: id, deletedActivities: activities.length };
    },
  }),
  defineTool({
    name: 'tag_contact',
    title: 'Tag a contact',
    description: 'Adds tags to a contact and returns all its tags. Tags it has already stay as they are.',
    input: z.strictObject({ id: own.contactId, tags: tagArgument }),
    output: z.object({ id: z.string(), tags: z.array(z.string()) }),
    annotations: { ...lists.creates, idempotentHint: true },
    handle({ id, tags }, account) {
      return setTags(account, id, (present) => tagSet([...present, ...tags]));
    },
  }),
  defineTool({
    name: 'untag_contact',
    title: 'Untag a contact',
    description: 'Removes tags from a contact and returns the tags left. Tags it does not have are ignored.',
    input: z.strictObject({ id: own.contactId, tags: tagArgument }),
    output: z.object({ id: z.string(), tags: z.array(z.string()) }),
    annotations: lists.replaces,
    handle({ id, tags }, account) {
      return setTags(account, id, (present) => present.filter((tag) => !tags.includes(tag)));
    },
  }),
];

/** Tags are a set, kept in one order so that equal sets are equal data. */
function tagSet(tags: readonly string[]): string[] {
  return [...new Set(tags)].sort();
}

function setTags(
  account: Account,
  id: string,
  change: (present: readonly string[]) => string[],
): { id: string; tags: string[] } {
  const before = account.contacts.need(id);
  const tags = change(before.tags);
  // One call only adds or only removes, so equal numbers mean equal tags.
  if (tags.length !== before.tags.length) account.saveContact({ ...before, tags, updatedAt: NOW });
  return { id, tags };
}
