import { z } from 'zod';
import { listTool } from '../list-tools.ts';
import * as lists from '../lists.ts';
import { defineTool, type MockTool, MockToolError } from '../mock-server.ts';
import { fnv1a } from '../random.ts';
import { NOW } from '../values.ts';
import * as data from './dataset.ts';
import type { Account } from './server.ts';

/** Tools for lists and subscribers. Adding one fails at times, as over a gateway, and then nothing says whether it was done. */
export function subscriberTools(account: Account): MockTool[] {
  const { subscribers } = account;
  const tried = new Set<string>();
  return [
    listTool({
      name: 'list_lists',
      title: 'List lists',
      description: 'Returns the lists that people subscribe to.',
      key: 'lists',
      schema: data.listSchema,
      table: account.lists,
      filters: {},
    }),
    listTool({
      name: 'list_subscribers',
      title: 'List subscribers',
      description: `Returns subscribers. ${lists.paged}`,
      key: 'subscribers',
      schema: data.subscriberSchema,
      table: subscribers,
      filters: {
        status: data.status.optional(),
        listId: z.string().optional().describe('Such as lst_01'),
        hasConsent: z.boolean().optional(),
      },
      where: {
        listId: ({ listIds }, id) => listIds.includes(id),
        hasConsent: ({ consentAt }, wanted) => (consentAt !== null) === wanted,
      },
    }),
    defineTool({
      name: 'find_subscriber',
      title: 'Find a subscriber',
      description: 'Returns the first subscriber with an email address, or null.',
      input: z.strictObject({ email: z.email() }),
      output: z.object({ subscriber: data.subscriberSchema.nullable() }),
      annotations: lists.reads,
      handle: ({ email }) => ({ subscriber: subscribers.all().find((each) => each.email === email) ?? null }),
    }),
    defineTool({
      name: 'add_subscriber',
      title: 'Add a subscriber',
      description:
        'Adds a subscriber to a list, with consent as of now. It does not look whether the address is there already. After a timeout, find out whether it was added before you try again.',
      input: z.strictObject({ email: z.email(), firstName: z.string().min(1).max(80), listId: z.string() }),
      output: z.object({ id: z.string(), email: z.string() }),
      annotations: lists.creates,
      handle({ email, firstName, listId }) {
        const list = account.lists.need(listId);
        const isFirst = !tried.has(email);
        tried.add(email);
        const luck = fnv1a(email) % 6;
        const timeout = new MockToolError(
          '504 gateway timeout: the request may or may not have been processed',
        );
        if (isFirst && luck === 1) throw timeout;
        const row: data.Subscriber = {
          id: subscribers.newId(),
          email,
          contactId: null,
          firstName,
          status: 'subscribed',
          consentAt: NOW,
          listIds: [list.id],
          openRate: 0,
          source: 'api',
          updatedAt: NOW,
        };
        subscribers.put(row);
        if (isFirst && luck === 0) throw timeout;
        return { id: row.id, email };
      },
    }),
    defineTool({
      name: 'set_subscriber_status',
      title: 'Set the status of a subscriber',
      description:
        'Subscribes or unsubscribes someone, or marks an address as bounced, and returns the status.',
      input: z.strictObject({ id: z.string().describe('Such as sub_00007'), status: data.status }),
      output: z.object({ id: z.string(), status: data.status }),
      annotations: lists.replaces,
      handle({ id, status }) {
        subscribers.put({ ...subscribers.need(id), status, updatedAt: NOW });
        return { id, status };
      },
    }),
    defineTool({
      name: 'count_audience',
      title: 'Count an audience',
      description: 'Counts the subscribers of a list to whom something may be sent, without naming them.',
      input: z.strictObject({ listId: z.string().describe('Such as lst_01') }),
      output: z.object({ count: z.int() }),
      annotations: lists.reads,
      handle({ listId }) {
        const { id } = account.lists.need(listId);
        return {
          count: subscribers.all().filter((each) => each.listIds.includes(id) && mayReceive(each)).length,
        };
      },
    }),
  ];
}

/** Whether something may be sent to a subscriber. */
export function mayReceive({ status, consentAt }: data.Subscriber): boolean {
  return status === 'subscribed' && consentAt !== null;
}
