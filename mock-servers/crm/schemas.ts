import { z } from 'zod';

const LIFECYCLE_STAGES = [
  'subscriber',
  'lead',
  'qualified',
  'opportunity',
  'customer',
  'champion',
  'inactive',
] as const;
const SEGMENTS = ['enterprise', 'mid_market', 'small_business', 'startup'] as const;
export const INDUSTRIES = [
  'manufacturing',
  'retail',
  'logistics',
  'healthcare',
  'software',
  'construction',
  'hospitality',
  'education',
  'energy',
  'professional_services',
] as const;
const ORDER_STATUSES = ['pending', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded'] as const;
export const DEAL_STAGES = ['qualification', 'proposal', 'negotiation', 'won', 'lost'] as const;
const ACTIVITY_TYPES = ['call', 'email', 'meeting', 'note', 'task'] as const;

/** The only currency of the account. */
export const CURRENCY = 'EUR' as const;

const instant = z.iso.datetime();
const amount = z.number().nonnegative();

export const lifecycleStage = z.enum(LIFECYCLE_STAGES);
export const segment = z.enum(SEGMENTS);
export const industry = z.enum(INDUSTRIES);
export const orderStatus = z.enum(ORDER_STATUSES);
export const dealStage = z.enum(DEAL_STAGES);
export const activityType = z.enum(ACTIVITY_TYPES);
const currency = z.literal(CURRENCY);
const country = z.string().describe('ISO 3166-1 alpha-2 code');

export const contactSchema = z.object({
  id: z.string().describe('Contact id, such as con_000123'),
  firstName: z.string(),
  lastName: z.string(),
  name: z.string().describe('First and last name'),
  email: z.string().describe('Unique among contacts'),
  phone: z.string(),
  jobTitle: z.string(),
  companyId: z.string(),
  companyName: z.string(),
  lifecycleStage: lifecycleStage.describe('How far the contact has come as a customer'),
  segment: segment.describe('Customer segment'),
  ownerId: z.string().describe('User who looks after the contact'),
  tags: z.array(z.string()),
  city: z.string(),
  country,
  createdAt: instant,
  updatedAt: instant,
  lastOrderAt: instant.nullable().describe('When the newest order was placed; null without orders'),
  notes: z.string(),
});

export const companySchema = z.object({
  id: z.string().describe('Company id, such as com_00042'),
  name: z.string(),
  domain: z.string(),
  industry,
  segment,
  employees: z.int().min(1),
  city: z.string(),
  country,
  ownerId: z.string().describe('User who looks after the company'),
  contactCount: z.int().min(0).describe('Contacts that work there'),
  createdAt: instant,
});

export const orderSchema = z.object({
  id: z.string().describe('Order id, such as ord_0001234'),
  number: z.string().describe('Number printed on the invoice'),
  contactId: z.string(),
  companyId: z.string(),
  status: orderStatus,
  placedAt: instant,
  shippedAt: instant.nullable().describe('Null while nothing was shipped'),
  items: z.array(
    z.object({
      sku: z.string(),
      name: z.string(),
      quantity: z.int().min(1),
      unitPrice: amount,
    }),
  ),
  total: amount.describe('Sum of quantity × unitPrice over items'),
  currency,
});

export const dealSchema = z.object({
  id: z.string().describe('Deal id, such as deal_00123'),
  name: z.string(),
  contactId: z.string(),
  companyId: z.string(),
  ownerId: z.string(),
  stage: dealStage.describe('won and lost are closed, the others open'),
  amount,
  currency,
  probability: z.int().min(0).max(100).describe('Chance of winning in percent'),
  createdAt: instant,
  expectedCloseDate: z.iso.date(),
  closedAt: instant.nullable().describe('Null while the deal is open'),
});

export const activitySchema = z.object({
  id: z.string().describe('Activity id, such as act_0001234'),
  type: activityType,
  contactId: z.string(),
  dealId: z.string().nullable(),
  ownerId: z.string().describe('User who did it'),
  subject: z.string(),
  body: z.string(),
  durationMinutes: z.int().min(0).nullable().describe('Of calls and meetings; null for other types'),
  occurredAt: instant,
});

export const userSchema = z.object({
  id: z.string().describe('User id, such as usr_07'),
  name: z.string(),
  email: z.string(),
  role: z.enum(['account_executive', 'account_manager', 'sales_manager']),
  team: z.string(),
  active: z.boolean(),
});

export type Contact = z.output<typeof contactSchema>;
export type Company = z.output<typeof companySchema>;
export type Order = z.output<typeof orderSchema>;
export type OrderItem = Order['items'][number];
export type Deal = z.output<typeof dealSchema>;
export type Activity = z.output<typeof activitySchema>;
export type User = z.output<typeof userSchema>;
export type LifecycleStage = Contact['lifecycleStage'];
export type Segment = Contact['segment'];
