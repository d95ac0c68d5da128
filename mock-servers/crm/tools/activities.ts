import { z } from 'zod';
import * as lists from '../../lists.ts';
import { defineTool, type MockTool, MockToolError } from '../../mock-server.ts';
import { NOW, NOW_MS, timestamp } from '../../values.ts';
import type { Account } from '../account.ts';
import * as own from '../arguments.ts';
import { type Activity, activitySchema, activityType } from '../schemas.ts';

/** Tools for activities: calls, emails, meetings, notes and tasks. */
export const activityTools: MockTool<Account>[] = [
  defineTool({
    name: 'list_activities',
    title: 'List activities',
    description: `Returns activities page by page, newest first. ${lists.paged}`,
    input: z.strictObject({
      contactId: own.contactId.optional(),
      dealId: own.dealId.optional(),
      ownerId: own.ownerId.optional(),
      type: activityType.optional(),
      occurredAfter: lists.timestamp.optional().describe('Occurred at this time or later'),
      occurredBefore: lists.timestamp.optional().describe('Occurred before this time'),
      ...lists.pageArguments,
    }),
    output: z.object({ activities: z.array(activitySchema), ...lists.pageFields }),
    annotations: lists.reads,
    handle(args, account) {
      account.requireKnown(args);
      const hasWanted = lists.hasValues<Activity>(args, 'contactId', 'dealId', 'ownerId', 'type');
      const occurred = lists.inRange(args.occurredAfter, args.occurredBefore);
      const matches = account.activities
        .all()
        .filter((activity) => hasWanted(activity) && occurred(activity.occurredAt));
      const { rows, ...page } = lists.pageOf(lists.sortRows(matches, '-occurredAt'), args);
      return { activities: rows, ...page };
    },
  }),
  defineTool({
    name: 'add_activity',
    title: 'Add an activity',
    description: 'Records something done with a contact, optionally about one of its deals, and returns it.',
    input: z
      .strictObject({
        type: activityType,
        contactId: own.contactId,
        dealId: own.dealId.optional().describe('A deal of this contact'),
        ownerId: own.ownerId.optional().describe('User id; the owner of the contact unless given'),
        subject: z.string().trim().min(1).max(200),
        body: z.string().max(5_000).default(''),
        durationMinutes: z.int().min(0).max(1_440).optional().describe('For calls and meetings only'),
        occurredAt: lists.timestamp.optional().describe('Not in the future; now unless given'),
      })
      .refine(({ type, durationMinutes }) => durationMinutes === undefined || isTimed(type), {
        path: ['durationMinutes'],
        message: 'is for calls and meetings only',
      }),
    output: z.object({ activity: activitySchema }),
    annotations: lists.creates,
    handle(args, account) {
      const contact = account.contacts.need(args.contactId);
      account.requireKnown(args);
      if (args.dealId !== undefined && account.deals.need(args.dealId).contactId !== contact.id) {
        throw new MockToolError(`dealId: ${args.dealId} is not a deal of contact ${contact.id}`);
      }
      const occurredMs = args.occurredAt === undefined ? NOW_MS : Date.parse(args.occurredAt);
      if (occurredMs > NOW_MS) {
        throw new MockToolError(`occurredAt: must not be later than now, ${NOW} (got ${args.occurredAt})`);
      }
      const activity: Activity = {
        id: account.activities.newId(),
        type: args.type,
        contactId: contact.id,
        dealId: args.dealId ?? null,
        ownerId: args.ownerId ?? contact.ownerId,
        subject: args.subject,
        body: args.body,
        durationMinutes: isTimed(args.type) ? (args.durationMinutes ?? 0) : null,
        occurredAt: timestamp(occurredMs),
      };
      account.activities.put(activity);
      return { activity };
    },
  }),
];

function isTimed(type: Activity['type']): boolean {
  return type === 'call' || type === 'meeting';
}
