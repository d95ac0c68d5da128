import { z } from 'zod';
import { getTool, listTool } from '../list-tools.ts';
import * as lists from '../lists.ts';
import {
  contactsOption,
  defineMockServer,
  defineTextTool,
  defineTool,
  MockToolError,
  seedOption,
} from '../mock-server.ts';
import { changesOf, Table } from '../table.ts';
import { DAY_MS, date, fromCents, NOW_MS, toCents } from '../values.ts';
import * as data from './dataset.ts';

const month = z.enum(data.MONTHS).describe('A month that was billed');
const tenantId = z.string().describe('Such as com_00042');
const invoiceId = z.string().describe('Such as inv_00123');
const invoice = z.object({ invoice: data.invoiceSchema });
const tenant = z.object({ tenant: data.tenantSchema });
const today = date(NOW_MS);

export default defineMockServer({
  name: 'billing',
  title: 'Billing',
  version: '1.0.0',
  instructions:
    'Tenants, usage and invoices of a hosted product. Tenants are companies of the CRM. Amounts are in EUR, today is 2026-06-30. Lists come in pages: pass nextCursor as cursor until it is null.',
  options: z.object({
    contacts: contactsOption('Contacts of the CRM whose companies are tenants'),
    seed: seedOption,
  }),
  create(options) {
    const made = data.makeDataset(options);
    const tenants = new Table('tenant', made.tenants, data.idOf.tenant);
    const invoices = new Table('invoice', made.invoices, data.idOf.invoice);
    const usageByTenant = Map.groupBy(made.usage, (day) => day.tenantId);

    const getTenant = getTool({
      name: 'get_tenant',
      title: 'Get a tenant',
      description: 'Returns one tenant.',
      key: 'tenant',
      schema: data.tenantSchema,
      table: tenants,
    });
    const listTenants = listTool({
      name: 'list_tenants',
      title: 'List tenants',
      description: `Returns tenants. ${lists.paged}`,
      key: 'tenants',
      schema: data.tenantSchema,
      table: tenants,
      filters: { plan: data.plan.optional(), status: data.tenantSchema.shape.status.optional() },
      sorts: ['name', 'seats'],
    });
    const getInvoice = getTool({
      name: 'get_invoice',
      title: 'Get an invoice',
      description: 'Returns one invoice with its lines.',
      key: 'invoice',
      schema: data.invoiceSchema,
      table: invoices,
    });
    const listInvoices = listTool({
      name: 'list_invoices',
      title: 'List invoices',
      description: `Returns invoices with their lines, oldest first. ${lists.paged}`,
      key: 'invoices',
      schema: data.invoiceSchema,
      table: invoices,
      filters: {
        tenantId: tenantId.optional(),
        month: month.optional(),
        status: data.invoiceSchema.shape.status.optional(),
        overdue: z.boolean().optional().describe('Only those open after their due date, or only the others'),
      },
      where: { overdue: ({ status, dueOn }, wanted) => (status === 'open' && dueOn < today) === wanted },
    });
    const getUsage = defineTool({
      name: 'get_monthly_usage',
      title: 'Get the usage of a month',
      description: 'Returns what a tenant used in a month in all, and the highest storage of a day.',
      input: z.strictObject({ tenantId, month }),
      output: z.object({ requests: z.int(), tokens: z.int(), storageGb: z.int() }),
      annotations: lists.reads,
      handle(args) {
        tenants.need(args.tenantId);
        const days = usageByTenant.get(args.tenantId) ?? [];
        return data.usedIn(days.filter(({ day }) => day.startsWith(args.month)));
      },
    });
    const exportUsage = defineTextTool({
      name: 'export_usage_csv',
      title: 'Export usage as CSV',
      description: 'Returns the usage of all tenants by day of a month, as CSV with a header line.',
      input: z.strictObject({ month }),
      annotations: lists.reads,
      handle(args) {
        const rows = made.usage.filter(({ day }) => day.startsWith(args.month));
        const lines = rows.map((row) =>
          [row.tenantId, row.day, row.requests, row.tokens, row.storageGb].join(','),
        );
        return ['tenant_id,day,requests,tokens,storage_gb', ...lines].join('\n');
      },
    });
    const priceList = defineTextTool({
      name: 'price_list',
      title: 'Price list',
      description:
        'Returns the price list. Fees are monthly and per tenant, not per seat. Usage is billed from the first unit: requests by the thousand, tokens by the million, storage by the gigabyte of the highest day of the month. Each line is rounded to whole cents by itself, half a cent up, before lines are added. Prices are net of VAT. Customers with a framework agreement have the same prices and get a credit note at the end of the year. Old price lists are not available through this tool; ask finance. Do not quote prices to customers from memory.',
      input: z.strictObject({}),
      annotations: lists.reads,
      handle: () => ({
        fees: Object.fromEntries(Object.entries(data.PLANS).map(([name, cents]) => [name, fromCents(cents)])),
        perThousandRequests: fromCents(data.PRICES.requests),
        perMillionTokens: fromCents(data.PRICES.tokens),
        perGigabyte: fromCents(data.PRICES.storage),
      }),
    });
    const getBalance = defineTool({
      name: 'get_balance',
      title: 'Get the balance of a tenant',
      description: 'Returns what a tenant owes in open invoices, and how much of it is overdue.',
      input: z.strictObject({ tenantId }),
      output: z.object({ open: z.number(), overdue: z.number() }),
      annotations: lists.reads,
      handle(args) {
        tenants.need(args.tenantId);
        const open = invoices.all().filter((row) => row.tenantId === args.tenantId && row.status === 'open');
        const sum = (rows: data.Invoice[]) =>
          fromCents(rows.reduce((cents, row) => cents + toCents(row.total), 0));
        return { open: sum(open), overdue: sum(open.filter(({ dueOn }) => dueOn < today)) };
      },
    });
    const sendReminder = defineTool({
      name: 'send_reminder',
      title: 'Remind a tenant of an invoice',
      description: 'Sends a reminder of an open invoice, and counts it. Each call sends one.',
      input: z.strictObject({ invoiceId }),
      output: invoice,
      annotations: lists.creates,
      handle(args) {
        const row = needOpen(args.invoiceId);
        return put({ ...row, reminders: row.reminders + 1 });
      },
    });
    const escalate = defineTool({
      name: 'escalate_invoice',
      title: 'Hand an invoice to collection',
      description: 'Hands an open invoice to the collection agency. It cannot be taken back.',
      input: z.strictObject({ invoiceId }),
      output: invoice,
      annotations: { ...lists.replaces, idempotentHint: false },
      handle: (args) => put({ ...needOpen(args.invoiceId), escalated: true }),
    });
    const voidInvoice = defineTool({
      name: 'void_invoice',
      title: 'Void an invoice',
      description: 'Makes an open invoice void, as if it had not been issued.',
      input: z.strictObject({ invoiceId }),
      output: invoice,
      annotations: lists.replaces,
      handle: (args) => put({ ...needOpen(args.invoiceId), status: 'void' }),
    });
    const markPaid = defineTool({
      name: 'mark_invoice_paid',
      title: 'Mark an invoice as paid',
      description: 'Notes that an open invoice was paid.',
      input: z.strictObject({ invoiceId }),
      output: invoice,
      annotations: lists.replaces,
      handle: (args) => put({ ...needOpen(args.invoiceId), status: 'paid' }),
    });
    const createInvoice = defineTool({
      name: 'create_invoice',
      title: 'Create an invoice',
      description: 'Issues an invoice with one line to a tenant, due in 14 days.',
      input: z.strictObject({ tenantId, month, item: z.string().min(1), amount: z.number().positive() }),
      output: invoice,
      annotations: lists.creates,
      handle(args) {
        tenants.need(args.tenantId);
        return put({
          id: invoices.newId(),
          tenantId: args.tenantId,
          month: args.month,
          issuedOn: today,
          dueOn: date(NOW_MS + 14 * DAY_MS),
          status: 'open',
          lines: [{ item: args.item, quantity: 1, amount: args.amount }],
          total: args.amount,
          reminders: 0,
          escalated: false,
        });
      },
    });
    const setStatus = defineTool({
      name: 'set_tenant_status',
      title: 'Suspend or reactivate a tenant',
      description: 'Suspends a tenant, whose users can then no longer sign in, or reactivates it.',
      input: z.strictObject({ tenantId, status: data.tenantSchema.shape.status }),
      output: tenant,
      annotations: lists.replaces,
      handle({ tenantId: id, status }) {
        const row = { ...tenants.need(id), status };
        tenants.put(row);
        return { tenant: row };
      },
    });
    return {
      tools: [
        getTenant,
        listTenants,
        getInvoice,
        listInvoices,
        getUsage,
        exportUsage,
        priceList,
        getBalance,
        sendReminder,
        escalate,
        voidInvoice,
        markPaid,
        createInvoice,
        setStatus,
      ],
      changes: () => changesOf(tenants, invoices),
    };

    function needOpen(id: string): data.Invoice {
      const row = invoices.need(id);
      if (row.status !== 'open') throw new MockToolError(`invoice ${id} is ${row.status}, not open`);
      return row;
    }

    function put(row: data.Invoice): { invoice: data.Invoice } {
      invoices.put(row);
      return { invoice: row };
    }
  },
});
