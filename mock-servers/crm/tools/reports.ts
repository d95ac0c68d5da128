import { z } from 'zod';
import * as lists from '../../lists.ts';
import { defineTool, type MockTool, MockToolError } from '../../mock-server.ts';
import { fromCents, NOW, toCents } from '../../values.ts';
import type { Account } from '../account.ts';
import * as own from '../arguments.ts';
import { type Activity, CURRENCY, DEAL_STAGES, dealStage, userSchema } from '../schemas.ts';

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-01');
const count = z.int().min(0);
const currency = z.literal(CURRENCY);

/** Longest range of `report_revenue_by_month`, in months. */
const MOST_MONTHS = 60;

/** Tools that aggregate over the whole account, and that tell about the account itself and its users. */
export const reportTools: MockTool<Account>[] = [
  defineTool({
    name: 'report_revenue_by_month',
    title: 'Report revenue by month',
    description: `Sums the totals of orders by calendar month (UTC) of placedAt, cancelled and refunded orders left out. Months without orders are listed with 0. At most ${MOST_MONTHS} months; the last twelve unless given.`,
    input: z.strictObject({
      from: month.default(monthsBefore(NOW.slice(0, 7), 11)).describe('First month, such as 2025-07'),
      to: month.default(NOW.slice(0, 7)).describe('Last month, included'),
    }),
    output: z.object({
      months: z.array(z.object({ month: z.string(), orders: count, revenue: z.number() })),
      revenue: z.number().describe('Sum over the months'),
      currency,
    }),
    annotations: lists.reads,
    handle({ from, to }, account) {
      const rows = monthsFrom(from, to).map((name) => ({ month: name, orders: 0, cents: 0 }));
      const byMonth = new Map(rows.map((row) => [row.month, row]));
      for (const { status, placedAt, total } of account.orders.values()) {
        const row = byMonth.get(placedAt.slice(0, 7));
        if (row === undefined || status === 'cancelled' || status === 'refunded') continue;
        row.orders += 1;
        row.cents += toCents(total);
      }
      return {
        months: rows.map(({ cents, ...row }) => ({ ...row, revenue: fromCents(cents) })),
        revenue: fromCents(rows.reduce((sum, { cents }) => sum + cents, 0)),
        currency: CURRENCY,
      };
    },
  }),
  defineTool({
    name: 'report_pipeline',
    title: 'Report the sales pipeline',
    description:
      'Counts and sums the deals in each stage, all or those of one owner. weightedAmount is the amount times the probability of winning.',
    input: z.strictObject({ ownerId: own.ownerId.optional() }),
    output: z.object({
      stages: z.array(
        z.object({
          stage: dealStage,
          deals: count,
          amount: z.number(),
          weightedAmount: z.number(),
        }),
      ),
      openDeals: count,
      openAmount: z.number(),
      currency,
    }),
    annotations: lists.reads,
    handle({ ownerId }, account) {
      if (ownerId !== undefined) account.users.need(ownerId);
      const deals = account.deals.all().filter((deal) => ownerId === undefined || deal.ownerId === ownerId);
      const stages = DEAL_STAGES.map((stage) => {
        const inStage = deals.filter((deal) => deal.stage === stage);
        const cents = inStage.reduce((sum, { amount }) => sum + toCents(amount), 0);
        const weighted = inStage.reduce(
          (sum, { amount, probability }) => sum + toCents(amount) * probability,
          0,
        );
        return {
          stage,
          deals: inStage.length,
          amount: fromCents(cents),
          weightedAmount: fromCents(Math.round(weighted / 100)),
        };
      });
      const open = deals.filter(({ closedAt }) => closedAt === null);
      return {
        stages,
        openDeals: open.length,
        openAmount: fromCents(open.reduce((sum, { amount }) => sum + toCents(amount), 0)),
        currency: CURRENCY,
      };
    },
  }),
  defineTool({
    name: 'report_activity_volume',
    title: 'Report activity volume',
    description: 'Counts activities in a period by type, for each user who had any, most active user first.',
    input: z.strictObject({
      occurredAfter: lists.timestamp.describe('Start of the period, included'),
      occurredBefore: lists.timestamp
        .optional()
        .describe('End of the period, not included; open unless given'),
    }),
    output: z.object({
      users: z.array(
        z.object({
          userId: z.string(),
          name: z.string(),
          activities: z.int().min(1),
          byType: z.object({ call: count, email: count, meeting: count, note: count, task: count }),
        }),
      ),
      activities: count,
    }),
    annotations: lists.reads,
    handle({ occurredAfter, occurredBefore }, account) {
      const occurred = lists.inRange(occurredAfter, occurredBefore);
      const counted = account.activities.all().filter(({ occurredAt }) => occurred(occurredAt));
      const users = [...Map.groupBy(counted, ({ ownerId }) => ownerId)].map(([userId, own]) => ({
        userId,
        name: account.users.need(userId).name,
        activities: own.length,
        byType: countByType(own),
      }));
      users.sort((a, b) => b.activities - a.activities || (a.userId < b.userId ? -1 : 1));
      return { users, activities: counted.length };
    },
  }),
  defineTool({
    name: 'list_users',
    title: 'List users',
    description:
      "Returns the account's own people, who own contacts, companies and deals. Their ids are what ownerId refers to.",
    input: z.strictObject({
      active: z.boolean().optional().describe('Only users who are, or are not, active'),
    }),
    output: z.object({ users: z.array(userSchema) }),
    annotations: lists.reads,
    handle: ({ active }, account) => ({
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
    annotations: lists.reads,
    handle: (_, account) => ({
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

function countByType(activities: readonly Activity[]): Record<Activity['type'], number> {
  const counts = { call: 0, email: 0, meeting: 0, note: 0, task: 0 };
  for (const { type } of activities) counts[type] += 1;
  return counts;
}

/** Names of the months from `from` to `to`, both included. Throws `MockToolError` for an empty or too long range. */
function monthsFrom(from: string, to: string): string[] {
  if (from > to) throw new MockToolError(`from: must not be later than to, ${to} (got ${from})`);
  const months = [to];
  for (let name = to; name > from; ) {
    name = monthsBefore(name, 1);
    months.unshift(name);
    if (months.length > MOST_MONTHS) {
      throw new MockToolError(
        `from: at most ${MOST_MONTHS} months are reported at once (got ${from} to ${to})`,
      );
    }
  }
  return months;
}

function monthsBefore(name: string, count: number): string {
  const [year = 0, monthOfYear = 0] = name.split('-').map(Number);
  return new Date(Date.UTC(year, monthOfYear - 1 - count)).toISOString().slice(0, 7);
}
