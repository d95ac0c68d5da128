import { z } from 'zod';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { remembered } from '../late.ts';
import { createRandom } from '../random.ts';
import { DAY_MS, date, fromCents, idForm, toCents } from '../values.ts';

const amount = z.number().describe('EUR');

export const PLANS = { starter: 2_900, team: 9_900, business: 29_900 } as const;
export type Plan = keyof typeof PLANS;
export const plan = z.enum(Object.keys(PLANS) as [Plan, ...Plan[]]);
/** Months that have been billed; the present month has not. */
export const MONTHS = ['2026-03', '2026-04', '2026-05'] as const;

/** Cents for a thousand requests, a million tokens and a gigabyte of storage, from the first on. */
export const PRICES = { requests: 40, tokens: 310, storage: 12 } as const;

export const tenantSchema = z.object({
  id: z.string().describe('Company id of the CRM, such as com_00042'),
  name: z.string(),
  plan,
  monthlyFee: amount,
  seats: z.int(),
  status: z.enum(['active', 'suspended']),
  billingEmail: z.string(),
});

export const invoiceSchema = z.object({
  id: z.string().describe('Invoice id, such as inv_00123'),
  tenantId: z.string(),
  month: z.string().describe('Such as 2026-05'),
  issuedOn: z.iso.date(),
  dueOn: z.iso.date(),
  status: z.enum(['open', 'paid', 'void']),
  lines: z.array(z.object({ item: z.string(), quantity: z.number(), amount })),
  total: amount,
  reminders: z.int().describe('How often the tenant was reminded'),
  escalated: z.boolean(),
});

export type Tenant = z.output<typeof tenantSchema>;
export type Invoice = z.output<typeof invoiceSchema>;
/** Usage of one tenant on one day. */
export type Usage = { tenantId: string; day: string; requests: number; tokens: number; storageGb: number };

export const idOf = { tenant: idForm('com_', 5), invoice: idForm('inv_', 5) };

/**
 * The tenants of a hosted product, which are the companies of the CRM of the same size and seed: daily usage of three
 * months, and an invoice for each. One invoice in thirty has a wrong amount for its usage, as they have in practice.
 */
export function makeDataset({ contacts, seed }: { contacts: number; seed: number }) {
  const random = createRandom(seed, 'billing');
  const usage: Usage[] = [];
  const invoices: Invoice[] = [];
  const tenants = readCrm({ contacts, seed }).companies.map(({ id, name, domain }): Tenant => {
    const plan = random.pick(Object.keys(PLANS) as Plan[]);
    const seats = random.integer(1, 80);
    const billingEmail = `accounts@${domain}`;
    return { id, name, plan, monthlyFee: fromCents(PLANS[plan]), seats, status: 'active', billingEmail };
  });
  for (const { id, plan } of tenants) {
    const scale = { starter: 1, team: 4, business: 12 }[plan] * Math.exp(0.6 * random.normal());
    const pays = random.chance(0.75);
    for (const month of MONTHS) {
      const days = daysOf(month).map((day): Usage => {
        const requests = Math.round(scale * random.integer(200, 1_800));
        const tokens = requests * random.integer(400, 1_600);
        return { tenantId: id, day, requests, tokens, storageGb: Math.round(scale * 20) };
      });
      usage.push(...days);
      const lines = linesOf(plan, days);
      const isWrong = random.chance(1 / 30);
      const cents = lines.reduce((sum, line) => sum + toCents(line.amount), isWrong ? 4_900 : 0);
      const issuedMs = Date.parse(`${month}-01T00:00:00Z`) + 33 * DAY_MS;
      invoices.push({
        id: idOf.invoice(invoices.length + 1),
        tenantId: id,
        month,
        issuedOn: date(issuedMs),
        dueOn: date(issuedMs + 14 * DAY_MS),
        status: pays || (month === MONTHS[0] && random.chance(0.7)) ? 'paid' : 'open',
        lines,
        total: fromCents(cents),
        reminders: 0,
        escalated: false,
      });
    }
  }
  for (const invoice of invoices) {
    if (invoice.status === 'open') invoice.reminders = random.integer(0, 2);
  }
  return { tenants, usage, invoices };
}

/** What was used on these days in all, and the highest storage of a day. */
export function usedIn(days: readonly Usage[]): Omit<Usage, 'tenantId' | 'day'> {
  return {
    requests: days.reduce((sum, day) => sum + day.requests, 0),
    tokens: days.reduce((sum, day) => sum + day.tokens, 0),
    storageGb: Math.max(...days.map(({ storageGb }) => storageGb), 0),
  };
}

/** What a month's usage costs: the fee of the plan, then each kind of usage, rounded to cents. */
export function linesOf(plan: Plan, days: readonly Usage[]): Invoice['lines'] {
  const { requests, tokens, storageGb } = usedIn(days);
  return [
    { item: 'fee', quantity: 1, amount: fromCents(PLANS[plan]) },
    {
      item: 'requests',
      quantity: requests,
      amount: fromCents(Math.round((requests * PRICES.requests) / 1_000)),
    },
    { item: 'tokens', quantity: tokens, amount: fromCents(Math.round((tokens * PRICES.tokens) / 1_000_000)) },
    { item: 'storage', quantity: storageGb, amount: fromCents(storageGb * PRICES.storage) },
  ];
}

function daysOf(month: string): string[] {
  const first = Date.parse(`${month}-01T00:00:00Z`);
  const days: string[] = [];
  for (let ms = first; date(ms).startsWith(month); ms += DAY_MS) days.push(date(ms));
  return days;
}

/** The data of `makeDataset` for readers that ask again and again; they must not change it. */
export const readDataset = remembered(makeDataset);
