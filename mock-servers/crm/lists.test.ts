import { expect, test } from 'vitest';
import { openCrm } from '../testing/open-server.ts';
import { makeDataset } from './dataset.ts';
import type { Activity, Company, Contact, Deal, Order } from './schemas.ts';

const options = { contacts: 200, seed: 4 };
const dataset = makeDataset(options);
const crm = openCrm(options);
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
const sortedIds = (rows: readonly { id: string }[]) => ids(rows).sort();

test.each([1, 7, 50, 200])('pages of %i contacts cover all of them exactly once, in order', (limit) => {
  expect(ids(crm.readAll<Contact>('list_contacts', 'contacts', { limit }))).toEqual(ids(dataset.contacts));
});

test.each([
  ['list_companies', 'companies', dataset.companies],
  ['list_orders', 'orders', dataset.orders],
  ['list_deals', 'deals', dataset.deals],
  ['list_activities', 'activities', dataset.activities],
] as const)('the pages of %s cover everything exactly once', (name, key, rows) => {
  expect(sortedIds(crm.readAll<{ id: string }>(name, key, { limit: 9 }))).toEqual(sortedIds(rows));
});

test('the pages of a company cover its contacts exactly once', () => {
  for (const { id, contactCount } of dataset.companies) {
    const contacts = crm.readAll<Contact>('get_company_contacts', 'contacts', { companyId: id, limit: 5 });
    expect(contacts).toHaveLength(contactCount);
    expect(contacts).toEqual(dataset.contacts.filter(({ companyId }) => companyId === id));
  }
});

test('the default page is 50, and total counts all pages', () => {
  const page = crm.call<{ contacts: Contact[]; total: number }>('list_contacts');
  expect([page.contacts.length, page.total]).toEqual([50, 200]);
});

test('a last page that is full has no next page', () => {
  expect(crm.call('list_contacts', { limit: 200 }).nextCursor).toBeNull();
});

test('equal queries have equal cursors', () => {
  const cursorOf = () => crm.call('list_contacts', { segment: 'startup', limit: 3 }).nextCursor;
  expect(cursorOf()).toBe(cursorOf());
});

test('a cursor is good for its own query only, with any limit', () => {
  const { nextCursor: cursor } = crm.call('list_contacts', { country: 'DE', limit: 3 });
  expect(
    crm.call<{ contacts: Contact[] }>('list_contacts', { country: 'DE', limit: 2, cursor }).contacts,
  ).toEqual(dataset.contacts.filter(({ country }) => country === 'DE').slice(3, 5));
  expect(crm.failure('list_contacts', { country: 'FR', limit: 3, cursor })).toMatch(
    /^cursor: belongs to a query/,
  );
  expect(crm.failure('list_contacts', { country: 'DE', sort: 'name', cursor })).toMatch(/^cursor: belongs/);
});

test.each(['garbage', '', Buffer.from('-1.00000000').toString('base64url')])(
  'the cursor %j is refused',
  (cursor) => {
    expect(crm.failure('list_contacts', { cursor })).toMatch(
      /^cursor: ".*" is not a nextCursor of this tool$/,
    );
  },
);

const someContact = dataset.contacts[17] as Contact;

test.each<[string, Record<string, unknown>, (contact: Contact) => boolean]>([
  ['lifecycleStage', { lifecycleStage: 'inactive' }, (c) => c.lifecycleStage === 'inactive'],
  ['segment', { segment: 'startup' }, (c) => c.segment === 'startup'],
  ['country, in any case', { country: 'de' }, (c) => c.country === 'DE'],
  ['company', { companyId: someContact.companyId }, (c) => c.companyId === someContact.companyId],
  ['owner', { ownerId: someContact.ownerId }, (c) => c.ownerId === someContact.ownerId],
  ['tag', { tag: 'newsletter' }, (c) => c.tags.includes('newsletter')],
  [
    'creation, from a contact on',
    { createdAfter: someContact.createdAt },
    (c) => c.createdAt >= someContact.createdAt,
  ],
  [
    'creation, up to a contact and not with it',
    { createdBefore: someContact.createdAt },
    (c) => c.createdAt < someContact.createdAt,
  ],
  [
    'creation, in another time zone',
    { createdAfter: '2025-01-01T00:00:00+05:00' },
    (c) => c.createdAt >= '2024-12-31T19:00:00Z',
  ],
  [
    'last order, which who never ordered does not pass',
    { lastOrderBefore: '2026-01-01T00:00:00Z' },
    (c) => c.lastOrderAt !== null && c.lastOrderAt < '2026-01-01T00:00:00Z',
  ],
  [
    'all at once',
    {
      segment: 'small_business',
      lifecycleStage: 'customer',
      tag: 'newsletter',
      lastOrderAfter: '2026-01-01T00:00:00Z',
    },
    (c) =>
      c.segment === 'small_business' &&
      c.lifecycleStage === 'customer' &&
      c.tags.includes('newsletter') &&
      (c.lastOrderAt ?? '') >= '2026-01-01T00:00:00Z',
  ],
])('contacts are filtered by %s', (_what, args, matches) => {
  const expected = dataset.contacts.filter(matches);
  expect(expected.length).toBeGreaterThan(0);
  expect(expected.length).toBeLessThan(dataset.contacts.length);
  expect(crm.readAll<Contact>('list_contacts', 'contacts', args)).toEqual(expected);
});

const someOrder = dataset.orders[100] as Order;

test.each<[string, Record<string, unknown>, (order: Order) => boolean]>([
  ['contact', { contactId: someOrder.contactId }, (o) => o.contactId === someOrder.contactId],
  ['company', { companyId: someOrder.companyId }, (o) => o.companyId === someOrder.companyId],
  ['status', { status: 'cancelled' }, (o) => o.status === 'cancelled'],
  ['least total, included', { minTotal: someOrder.total }, (o) => o.total >= someOrder.total],
  ['greatest total, included', { maxTotal: someOrder.total }, (o) => o.total <= someOrder.total],
  ['time, start included', { placedAfter: someOrder.placedAt }, (o) => o.placedAt >= someOrder.placedAt],
  ['time, end not included', { placedBefore: someOrder.placedAt }, (o) => o.placedAt < someOrder.placedAt],
])('orders are filtered by %s, newest first', (_what, args, matches) => {
  const expected = dataset.orders.filter(matches);
  expect(expected.length).toBeGreaterThan(0);
  expect(crm.readAll<Order>('list_orders', 'orders', args)).toEqual(expected.toReversed());
});

test.each<[string, Record<string, unknown>, (company: Company) => boolean]>([
  ['industry', { industry: 'retail' }, (c) => c.industry === 'retail'],
  ['size', { minEmployees: 50, maxEmployees: 500 }, (c) => c.employees >= 50 && c.employees <= 500],
])('companies are filtered by %s', (_what, args, matches) => {
  const expected = dataset.companies.filter(matches);
  expect(expected.length).toBeGreaterThan(0);
  expect(sortedIds(crm.readAll<Company>('list_companies', 'companies', args))).toEqual(sortedIds(expected));
});

test.each<[string, Record<string, unknown>, (deal: Deal) => boolean]>([
  ['stage', { stage: 'won' }, (d) => d.stage === 'won'],
  ['being open', { open: true }, (d) => d.closedAt === null],
  ['amount', { minAmount: 10_000 }, (d) => d.amount >= 10_000],
])('deals are filtered by %s', (_what, args, matches) => {
  const expected = dataset.deals.filter(matches);
  expect(expected.length).toBeGreaterThan(0);
  expect(sortedIds(crm.readAll<Deal>('list_deals', 'deals', args))).toEqual(sortedIds(expected));
});

test('activities are filtered by contact and type, newest first', () => {
  const { contactId, type } = dataset.activities.at(-1) as Activity;
  const expected = dataset.activities.filter((a) => a.contactId === contactId && a.type === type);
  expect(crm.readAll<Activity>('list_activities', 'activities', { contactId, type })).toEqual(
    expected.toReversed(),
  );
});

test('sorting goes both ways, with contacts that never ordered last either way', () => {
  const dates = (sort: string) =>
    crm.readAll<Contact>('list_contacts', 'contacts', { sort }).map(({ lastOrderAt }) => lastOrderAt);
  const ordered = dataset.contacts.map(({ lastOrderAt }) => lastOrderAt).filter((at) => at !== null);
  const never = Array.from({ length: dataset.contacts.length - ordered.length }, () => null);
  expect(dates('lastOrderAt')).toEqual([...ordered.toSorted(), ...never]);
  expect(dates('-lastOrderAt')).toEqual([...ordered.toSorted().reverse(), ...never]);
});

test('orders sort by total as numbers', () => {
  const totals = crm.readAll<Order>('list_orders', 'orders', { sort: '-total' }).map(({ total }) => total);
  expect(totals).toEqual(dataset.orders.map(({ total }) => total).toSorted((a, b) => b - a));
});

test('a search finds contacts by any words of theirs, in any case and order', () => {
  const { firstName, companyName, id } = someContact;
  const query = `${companyName.toUpperCase()} ${firstName}`;
  const found = crm.call<{ contacts: Contact[]; total: number }>('search_contacts', { query, limit: 50 });
  expect(ids(found.contacts)).toContain(id);
  expect(crm.call('search_contacts', { query: 'no such words' })).toEqual({ contacts: [], total: 0 });
});

test('a search returns at most limit entries and counts them all', () => {
  const { contacts, total } = crm.call<{ contacts: Contact[]; total: number }>('search_contacts', {
    query: '.example',
    limit: 2,
  });
  expect([contacts.length, total]).toEqual([2, 200]);
});

test('a search finds companies by part of their domain', () => {
  const { domain, id } = dataset.companies[3] as Company;
  const { companies } = crm.call<{ companies: Company[] }>('search_companies', {
    query: domain.slice(0, -8),
  });
  expect(ids(companies)).toContain(id);
});
