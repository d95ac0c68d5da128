import { z } from 'zod';
import * as lists from '../../lists.ts';
import { defineTool, type MockTool } from '../../mock-server.ts';
import { DAY_MS, date, fromCents, NOW, NOW_MS, toCents } from '../../values.ts';
import type { Account } from '../account.ts';
import * as own from '../arguments.ts';
import { STAGE_PROBABILITY } from '../dataset/deals.ts';
import { CURRENCY, type Deal, dealSchema, dealStage } from '../schemas.ts';

/** Tools for deals, the sales under way. */
export const dealTools: MockTool<Account>[] = [
  defineTool({
    name: 'list_deals',
    title: 'List deals',
    description: `Returns deals page by page. ${lists.paged}`,
    input: z.strictObject({
      stage: dealStage.optional(),
      open: z.boolean().optional().describe('true for deals neither won nor lost, false for those that are'),
      contactId: own.contactId.optional(),
      companyId: own.companyId.optional(),
      ownerId: own.ownerId.optional(),
      minAmount: z.number().min(0).optional().describe('Amount in EUR of at least this'),
      createdAfter: lists.timestamp.optional().describe('Created at this time or later'),
      createdBefore: lists.timestamp.optional().describe('Created before this time'),
      sort: z
        .enum(lists.sortKeys('createdAt', 'amount', 'expectedCloseDate'))
        .default('-createdAt')
        .describe('Field to sort by; falling with a leading minus'),
      ...lists.pageArguments,
    }),
    output: z.object({ deals: z.array(dealSchema), ...lists.pageFields }),
    annotations: lists.reads,
    handle(args, account) {
      account.requireKnown(args);
      const hasWanted = lists.hasValues<Deal>(args, 'stage', 'contactId', 'companyId', 'ownerId');
      const created = lists.inRange(args.createdAfter, args.createdBefore);
      const { minAmount = 0 } = args;
      const matches = account.deals
        .all()
        .filter(
          (deal) =>
            hasWanted(deal) &&
            (args.open === undefined || args.open === (deal.closedAt === null)) &&
            deal.amount >= minAmount &&
            created(deal.createdAt),
        );
      const { rows, ...page } = lists.pageOf(lists.sortRows(matches, args.sort), args);
      return { deals: rows, ...page };
    },
  }),
  defineTool({
    name: 'get_deal',
    title: 'Get a deal',
    description: 'Returns one deal by id.',
    input: z.strictObject({ id: own.dealId }),
    output: z.object({ deal: dealSchema }),
    annotations: lists.reads,
    handle: ({ id }, account) => ({ deal: account.deals.need(id) }),
  }),
  defineTool({
    name: 'create_deal',
    title: 'Create a deal',
    description: 'Creates an open deal with a contact, at the company of that contact, and returns it.',
    input: z.strictObject({
      name: z.string().trim().min(1).max(160),
      contactId: own.contactId,
      amount: z.number().min(0).max(100_000_000).describe('Amount in EUR, rounded to cents'),
      stage: dealStage.exclude(['won', 'lost']).default('qualification'),
      expectedCloseDate: z.iso.date().describe('Date such as 2026-09-30'),
      ownerId: own.ownerId.optional().describe('User id; the owner of the contact unless given'),
    }),
    output: z.object({ deal: dealSchema }),
    annotations: lists.creates,
    handle(args, account) {
      const contact = account.contacts.need(args.contactId);
      account.requireKnown(args);
      const deal: Deal = {
        id: account.deals.newId(),
        name: args.name,
        contactId: contact.id,
        companyId: contact.companyId,
        ownerId: args.ownerId ?? contact.ownerId,
        stage: args.stage,
        amount: fromCents(toCents(args.amount)),
        currency: CURRENCY,
        probability: STAGE_PROBABILITY[args.stage],
        createdAt: NOW,
        expectedCloseDate: args.expectedCloseDate,
        closedAt: null,
      };
      account.deals.put(deal);
      return { deal };
    },
  }),
  defineTool({
    name: 'update_deal_stage',
    title: 'Move a deal to a stage',
    description:
      'Moves a deal to a stage, sets the probability that goes with it, and returns the deal. won and lost close the deal now; any other stage opens a closed deal again, expected to close in 30 days if the date it had has passed.',
    input: z.strictObject({ id: own.dealId, stage: dealStage }),
    output: z.object({ deal: dealSchema }),
    annotations: lists.replaces,
    handle({ id, stage }, account) {
      const before = account.deals.need(id);
      if (before.stage === stage) return { deal: before };
      const closes = stage === 'won' || stage === 'lost';
      const isOverdue = before.expectedCloseDate < date(NOW_MS);
      const deal: Deal = {
        ...before,
        stage,
        probability: STAGE_PROBABILITY[stage],
        closedAt: closes ? NOW : null,
        expectedCloseDate: !closes && isOverdue ? date(NOW_MS + 30 * DAY_MS) : before.expectedCloseDate,
      };
      account.deals.put(deal);
      return { deal };
    },
  }),
];
