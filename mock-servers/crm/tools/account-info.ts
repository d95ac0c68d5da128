import { z } from 'zod';
import { defineTool, type MockTool } from '../../mock-server.ts';
import type { Account } from '../account.ts';
import { CURRENCY, userSchema } from '../schemas.ts';
import { NOW } from '../time.ts';

const reads = { readOnlyHint: true, openWorldHint: false };

/** Tools that tell about the account itself and its users. */
export function accountInfoTools(account: Account): MockTool[] {
  return [
    defineTool({
      name: 'list_users',
      title: 'List users',
      description:
        "Returns the account's own people, who own contacts, companies and deals. Their ids are what ownerId refers to.",
      input: z.strictObject({
        active: z.boolean().optional().describe('Only users who are, or are not, active'),
      }),
      output: z.object({ users: z.array(userSchema) }),
      annotations: reads,
      handle: ({ active }) => ({
        users: [...account.users.values()].filter((user) => active === undefined || user.active === active),
      }),
    }),
    defineTool({
      name: 'get_account_info',
      title: 'Get account information',
      description:
        'Returns the currency of all amounts, the time zone of all timestamps, the present time of the account, and how many records of each kind there are.',
      input: z.strictObject({}),
      output: z.object({
        name: z.string(),
        currency: z.literal(CURRENCY),
        timeZone: z.string(),
        now: z.iso.datetime().describe('Present time of the account'),
        counts: z.object({
          users: z.int().min(0),
          companies: z.int().min(0),
          contacts: z.int().min(0),
          orders: z.int().min(0),
          deals: z.int().min(0),
          activities: z.int().min(0),
        }),
      }),
      annotations: reads,
      handle: () => ({
        name: 'Workplace Supplies Europe',
        currency: CURRENCY,
        timeZone: 'UTC',
        now: NOW,
        counts: {
          users: account.users.size,
          companies: account.companies.size,
          contacts: account.contacts.size,
          orders: account.orders.size,
          deals: account.deals.size,
          activities: account.activities.size,
        },
      }),
    }),
  ];
}
