import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { JsonSchemaType } from '@modelcontextprotocol/sdk/validation/types.js';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openCrm } from '../testing/open-server.ts';
import { makeDataset } from './dataset.ts';
import type { Contact } from './schemas.ts';
import crm from './server.ts';

const options = { contacts: 200, seed: 1 };
const dataset = makeDataset(options);
const withoutOrders = dataset.contacts.filter(({ lastOrderAt }) => lastOrderAt === null);
const dealContactIds = new Set(dataset.deals.map(({ contactId }) => contactId));
const deletable = withoutOrders.find(({ id }) => !dealContactIds.has(id)) as Contact;
const deal = dataset.deals[0];
const company = dataset.companies[0];

/** Calls that bring every tool to an answer, with and without its options and nulls. */
const CALLS: Record<string, Record<string, unknown>[]> = {
  get_contacts: [{}],
  list_contacts: [{}, { limit: 3, sort: '-lastOrderAt', segment: 'startup' }],
  get_contact: [{ id: 'con_000001' }, { email: withoutOrders[0]?.email }],
  search_contacts: [{ query: 'example' }],
  create_contact: [
    { firstName: 'Ada', lastName: 'Byron', email: 'ada@byron.example', companyId: company?.id },
  ],
  update_contact: [{ id: 'con_000002', notes: 'Called.' }],
  delete_contact: [{ id: deletable.id }],
  tag_contact: [{ id: 'con_000003', tags: ['vip'] }],
  untag_contact: [{ id: 'con_000003', tags: ['vip'] }],
  get_company: [{ id: company?.id }],
  list_companies: [{}, { limit: 2, sort: '-employees' }],
  search_companies: [{ query: 'example' }],
  get_company_contacts: [{ companyId: company?.id, limit: 1 }],
  get_order: [{ id: 'ord_0000001' }],
  list_orders: [{}, { limit: 200, status: 'cancelled' }, { limit: 200, status: 'delivered' }],
  get_last_order: dataset.contacts
    .map(({ id }) => ({ contactId: id }))
    .filter(({ contactId }) => contactId !== deletable.id),
  list_deals: [{}, { limit: 200, open: false }],
  get_deal: [{ id: deal?.id }],
  create_deal: [{ name: 'Refit', contactId: 'con_000001', amount: 1234.5, expectedCloseDate: '2026-09-30' }],
  update_deal_stage: [
    { id: deal?.id, stage: 'won' },
    { id: deal?.id, stage: 'proposal' },
  ],
  list_activities: [{ limit: 200 }],
  add_activity: [
    { type: 'note', contactId: 'con_000001', subject: 'Moved' },
    { type: 'call', contactId: 'con_000001', subject: 'Intro', durationMinutes: 5 },
  ],
  report_revenue_by_month: [{}, { from: '2024-01', to: '2024-03' }],
  report_pipeline: [{}, { ownerId: 'usr_01' }],
  report_activity_volume: [{ occurredAfter: '2020-01-01T00:00:00Z' }],
  list_users: [{}, { active: true }],
  get_account_info: [{}],
};

test('every tool is called here', () => {
  const names = openCrm(options).mock.definitions.map(({ name }) => name);
  expect(Object.keys(CALLS).sort()).toEqual(names.sort());
});

test.each(Object.keys(CALLS))('%s returns what its output schema describes, and nothing else', (name) => {
  const { call, mock } = openCrm(options);
  const outputSchema = mock.definitions.find((definition) => definition.name === name)?.outputSchema;
  const tool = crm.create({ ...options, contacts: 1 }).tools.find((candidate) => candidate.name === name);
  if (outputSchema === undefined || tool === undefined) throw new Error(`no tool ${name}`);
  const ajv = new AjvJsonSchemaValidator();
  const declared = ajv.getValidator(outputSchema as JsonSchemaType);
  // Unlike the declared schema, this one refuses what it does not know, at every depth.
  const { $schema: _dialect, ...closedSchema } = z.toJSONSchema(tool.output as z.ZodObject);
  const closed = ajv.getValidator(closedSchema as unknown as JsonSchemaType);
  for (const args of CALLS[name] ?? []) {
    const result = JSON.parse(JSON.stringify(call(name, args)));
    expect(declared(result).errorMessage).toBeUndefined();
    expect(closed(result).errorMessage).toBeUndefined();
  }
});

test.each(Object.keys(CALLS))('%s changes data only if it does not call itself read-only', (name) => {
  const { call, mock } = openCrm(options);
  const annotations = mock.definitions.find((definition) => definition.name === name)?.annotations;
  for (const args of CALLS[name] ?? []) call(name, args);
  // untag_contact has nothing to remove here, and the deal is moved to another stage than it had.
  const writes = mock.state().changes.length > 0 || name === 'untag_contact';
  expect(writes).toBe(annotations?.readOnlyHint === false);
});

test('the largest possible answer of one tool does not depend on the time or the order of calls', () => {
  const first = openCrm(options);
  const second = openCrm(options);
  second.call('list_orders');
  expect(JSON.stringify(first.call('get_contacts'))).toBe(JSON.stringify(second.call('get_contacts')));
});

test('the last order is the newest by placedAt with any status, and null for who never ordered', () => {
  const { call } = openCrm(options);
  for (const { id } of dataset.contacts) {
    const newest = dataset.orders
      .filter(({ contactId }) => contactId === id)
      .reduce<(typeof dataset.orders)[number] | null>(
        (best, order) => (best === null || order.placedAt >= best.placedAt ? order : best),
        null,
      );
    expect(call('get_last_order', { contactId: id })).toEqual({ order: newest });
  }
  expect(withoutOrders.length).toBeGreaterThan(0);
});

test.each([
  ['get_contact', { id: 'con_999999' }, 'contact "con_999999" not found'],
  ['get_contact', { email: 'nobody@nowhere.example' }, 'no contact has the email "nobody@nowhere.example"'],
  ['get_contact', { id: 'con_000001', email: 'a@b.example' }, 'give exactly one of id and email\n  → at id'],
  ['get_company', { id: 'com_99999' }, 'company "com_99999" not found'],
  ['get_order', { id: 'x' }, 'order "x" not found'],
  ['get_deal', { id: 'x' }, 'deal "x" not found'],
  ['get_last_order', { contactId: 'x' }, 'contact "x" not found'],
  ['list_orders', { contactId: 'x' }, 'contact "x" not found'],
  ['list_contacts', { ownerId: 'x' }, 'user "x" not found'],
  ['get_company_contacts', { companyId: 'x' }, 'company "x" not found'],
])('%s with %j says what is missing', (name, args, message) => {
  expect(openCrm(options).failure(name, args)).toContain(message);
});

test('an empty account answers every question about itself', () => {
  const { call } = openCrm({ contacts: 0 });
  expect(call('get_contacts')).toEqual({ contacts: [], total: 0 });
  expect(call('list_orders')).toEqual({ orders: [], total: 0, nextCursor: null });
  expect(call('report_pipeline')).toMatchObject({ openDeals: 0, openAmount: 0 });
  expect(call('get_account_info')).toMatchObject({ currency: 'EUR', counts: { contacts: 0, orders: 0 } });
});
