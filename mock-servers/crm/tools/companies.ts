import { z } from 'zod';
import * as lists from '../../lists.ts';
import { defineTool, type MockTool } from '../../mock-server.ts';
import type { Account } from '../account.ts';
import * as own from '../arguments.ts';
import { type Company, companySchema, contactSchema, industry, segment } from '../schemas.ts';

/** Tools that read companies. */
export const companyTools: MockTool<Account>[] = [
  defineTool({
    name: 'get_company',
    title: 'Get a company',
    description: 'Returns one company by id. Its contacts are listed by get_company_contacts.',
    input: z.strictObject({ id: own.companyId }),
    output: z.object({ company: companySchema }),
    annotations: lists.reads,
    handle: ({ id }, account) => ({ company: account.companies.need(id) }),
  }),
  defineTool({
    name: 'list_companies',
    title: 'List companies',
    description: `Returns companies page by page. ${lists.paged}`,
    input: z.strictObject({
      industry: industry.optional(),
      segment: segment.optional(),
      country: lists.country.optional(),
      ownerId: own.ownerId.optional(),
      minEmployees: z.int().min(0).optional(),
      maxEmployees: z.int().min(0).optional(),
      sort: z
        .enum(lists.sortKeys('name', 'employees', 'contactCount', 'createdAt'))
        .default('name')
        .describe('Field to sort by; falling with a leading minus'),
      ...lists.pageArguments,
    }),
    output: z.object({ companies: z.array(companySchema), ...lists.pageFields }),
    annotations: lists.reads,
    handle(args, account) {
      account.requireKnown(args);
      const hasWanted = lists.hasValues<Company>(args, 'industry', 'segment', 'country', 'ownerId');
      const { minEmployees = 0, maxEmployees = Infinity } = args;
      const matches = account.companies
        .all()
        .filter(
          (company) =>
            hasWanted(company) && company.employees >= minEmployees && company.employees <= maxEmployees,
        );
      const { rows, ...page } = lists.pageOf(lists.sortRows(matches, args.sort), args);
      return { companies: rows, ...page };
    },
  }),
  defineTool({
    name: 'search_companies',
    title: 'Search companies',
    description:
      'Finds companies whose name, domain or city contain all words of the query, in order of name.',
    input: z.strictObject({
      query: lists.searchText.describe('Words to look for; case does not matter, parts of words match'),
      limit: lists.searchLimit,
    }),
    output: z.object({
      companies: z.array(companySchema),
      total: lists.searchTotal,
    }),
    annotations: lists.reads,
    handle({ query, limit }, account) {
      const matches = account.companies
        .all()
        .filter(({ name, domain, city }) =>
          lists.containsWords(`${name}\n${domain}\n${city}`.toLowerCase(), query),
        );
      return { companies: lists.sortRows(matches, 'name').slice(0, limit), total: matches.length };
    },
  }),
  defineTool({
    name: 'get_company_contacts',
    title: 'Get the contacts of a company',
    description: 'Returns the contacts that work at a company, oldest first, page by page.',
    input: z.strictObject({ companyId: own.companyId, ...lists.pageArguments }),
    output: z.object({ contacts: z.array(contactSchema), ...lists.pageFields }),
    annotations: lists.reads,
    handle(args, account) {
      account.companies.need(args.companyId);
      const matches = account.contacts.all().filter(({ companyId }) => companyId === args.companyId);
      const { rows, ...page } = lists.pageOf(matches, args);
      return { contacts: rows, ...page };
    },
  }),
];
