import { expect, test } from 'vitest';
import { type OpenServer, openCrm } from '../testing/open-server.ts';
import { NOW } from '../values.ts';
import { makeDataset } from './dataset.ts';
import type { Activity, Company, Contact, Deal } from './schemas.ts';

const options = { contacts: 200, seed: 4 };
const dataset = makeDataset(options);
const first = dataset.contacts[0] as Contact;
const newcomer = {
  firstName: 'Ada',
  lastName: 'Byron',
  email: 'Ada@Byron.example',
  companyId: 'com_00002',
  tags: ['vip', 'a', 'vip'],
};

const summary = ({ mock }: OpenServer) =>
  mock.state().changes.map(({ operation, entity, id }) => `${operation} ${entity} ${id}`);
const company = (crm: OpenServer, id: string) =>
  crm.call<{ company: Company }>('get_company', { id }).company;
const contact = (crm: OpenServer, id: string) =>
  crm.call<{ contact: Contact }>('get_contact', { id }).contact;

test('a new contact takes after its company, gets the next id and the present time', () => {
  const crm = openCrm(options);
  const before = company(crm, 'com_00002');
  const { contact: created } = crm.call<{ contact: Contact }>('create_contact', newcomer);
  expect(created).toMatchObject({
    id: 'con_000201',
    name: 'Ada Byron',
    email: 'ada@byron.example',
    companyName: before.name,
    segment: before.segment,
    ownerId: before.ownerId,
    country: before.country,
    lifecycleStage: 'lead',
    tags: ['a', 'vip'],
    createdAt: NOW,
    lastOrderAt: null,
  });
  expect(contact(crm, 'con_000201')).toEqual(created);
  expect(crm.call('get_contact', { email: 'ADA@byron.example' })).toEqual({ contact: created });
  expect(crm.call('get_last_order', { contactId: created.id })).toEqual({ order: null });
  expect(company(crm, 'com_00002').contactCount).toBe(before.contactCount + 1);
  // The count at the company follows from the contact, so it is no change of its own.
  expect(summary(crm)).toEqual(['create contact con_000201']);
});

test('an email that is taken is refused, and nothing is changed', () => {
  const crm = openCrm(options);
  expect(crm.failure('create_contact', { ...newcomer, email: first.email.toUpperCase() })).toBe(
    `email: ${first.email} is the email of contact ${first.id} already`,
  );
  expect(crm.failure('update_contact', { id: 'con_000002', email: first.email })).toContain(first.id);
  expect(summary(crm)).toEqual([]);
  expect(crm.call<{ contact: Contact }>('create_contact', newcomer).contact.id).toBe('con_000201');
});

test('an email given up is free for others', () => {
  const crm = openCrm(options);
  crm.call('update_contact', { id: first.id, email: 'new@mail.example' });
  crm.call('create_contact', { ...newcomer, email: first.email });
  expect(crm.call('get_contact', { email: 'new@mail.example' })).toHaveProperty('contact.id', first.id);
  expect(crm.call('get_contact', { email: first.email })).toHaveProperty('contact.id', 'con_000201');
});

test('an update sets what is given, keeps the rest, and moves the counts of companies along', () => {
  const crm = openCrm(options);
  const target = dataset.companies.find(({ id }) => id !== first.companyId) as Company;
  crm.call('update_contact', { id: first.id, lastName: 'Byron', companyId: target.id });
  expect(contact(crm, first.id)).toEqual({
    ...first,
    lastName: 'Byron',
    name: `${first.firstName} Byron`,
    companyId: target.id,
    companyName: target.name,
    updatedAt: NOW,
  });
  expect(company(crm, target.id).contactCount).toBe(target.contactCount + 1);
  const { contacts } = crm.call<{ contacts: Contact[] }>('get_company_contacts', {
    companyId: target.id,
    limit: 200,
  });
  expect(contacts.map(({ id }) => id)).toContain(first.id);
});

test('an update of nothing is refused with what could be updated', () => {
  expect(openCrm(options).failure('update_contact', { id: first.id })).toMatch(
    /at least one of firstName, .*notes/,
  );
});

test('what was read before a write stays as it was', () => {
  const crm = openCrm(options);
  const before = contact(crm, first.id);
  crm.call('update_contact', { id: first.id, notes: 'Changed.' });
  expect(before).toEqual(first);
});

test('writing and taking it back leaves no change', () => {
  const crm = openCrm(options);
  crm.call('update_contact', { id: first.id, notes: 'Changed.', companyId: 'com_00002' });
  expect(summary(crm)).toEqual([`update contact ${first.id}`]);
  crm.call('update_contact', { id: first.id, notes: first.notes, companyId: first.companyId });
  crm.call('tag_contact', { id: first.id, tags: ['zz', 'aa'] });
  crm.call('untag_contact', { id: first.id, tags: ['aa', 'zz'] });
  crm.call('create_contact', newcomer);
  crm.call('delete_contact', { id: 'con_000201' });
  expect(crm.mock.state().changes).toEqual([]);
});

test('tagging is a matter of sets: the order and number of calls leave no trace', () => {
  const [one, other] = [openCrm(options), openCrm(options)];
  one.call('tag_contact', { id: first.id, tags: ['b', 'a'] });
  other.call('tag_contact', { id: first.id, tags: ['a'] });
  other.call('tag_contact', { id: first.id, tags: ['a', 'b', 'b'] });
  expect(one.mock.state().digest).toBe(other.mock.state().digest);
  expect(contact(one, first.id).tags).toEqual([...new Set([...first.tags, 'a', 'b'])].sort());
});

test('a contact with orders cannot be deleted', () => {
  const crm = openCrm(options);
  const buyer = dataset.contacts.find(({ lastOrderAt }) => lastOrderAt !== null) as Contact;
  expect(crm.failure('delete_contact', { id: buyer.id })).toMatch(/cannot be deleted: it has \d+ orders and/);
  expect(contact(crm, buyer.id)).toEqual(buyer);
});

test('a deleted contact is gone, with its activities', () => {
  const crm = openCrm(options);
  const dealContacts = new Set(dataset.deals.map(({ contactId }) => contactId));
  const lead = dataset.contacts.find(
    ({ id, lastOrderAt }) => lastOrderAt === null && !dealContacts.has(id),
  ) as Contact;
  crm.call('add_activity', { type: 'note', contactId: lead.id, subject: 'New' });
  const own = dataset.activities.filter(({ contactId }) => contactId === lead.id);
  expect(crm.call('delete_contact', { id: lead.id })).toEqual({
    deletedContactId: lead.id,
    deletedActivities: own.length + 1,
  });
  expect(crm.failure('get_contact', { id: lead.id })).toContain('not found');
  expect(summary(crm)).toEqual([
    ...own.map(({ id }) => `delete activity ${id}`),
    `delete contact ${lead.id}`,
  ]);
});

test('an id is never given twice, not even after a deletion', () => {
  const crm = openCrm(options);
  crm.call('create_contact', newcomer);
  crm.call('delete_contact', { id: 'con_000201' });
  expect(crm.call<{ contact: Contact }>('create_contact', newcomer).contact.id).toBe('con_000202');
});

test('winning closes a deal now, and another stage opens it again', () => {
  const crm = openCrm(options);
  const open = dataset.deals.find(({ stage }) => stage === 'proposal') as Deal;
  const { deal: won } = crm.call<{ deal: Deal }>('update_deal_stage', { id: open.id, stage: 'won' });
  expect(won).toEqual({ ...open, stage: 'won', probability: 100, closedAt: NOW });
  crm.call('update_deal_stage', { id: open.id, stage: 'proposal' });
  expect(crm.mock.state().changes).toEqual([]);
});

test('a deal opened again is not expected to close in the past', () => {
  const crm = openCrm(options);
  const lost = dataset.deals.find(
    ({ stage, expectedCloseDate }) => stage === 'lost' && expectedCloseDate < '2026-06-01',
  );
  const { deal } = crm.call<{ deal: Deal }>('update_deal_stage', { id: lost?.id, stage: 'negotiation' });
  expect(deal).toMatchObject({ closedAt: null, probability: 70, expectedCloseDate: '2026-07-30' });
});

test('a new deal belongs to the company and owner of its contact and is rounded to cents', () => {
  const crm = openCrm(options);
  const { deal } = crm.call<{ deal: Deal }>('create_deal', {
    name: 'Refit',
    contactId: first.id,
    amount: 10.005,
    expectedCloseDate: '2026-09-30',
  });
  expect(deal).toMatchObject({
    companyId: first.companyId,
    ownerId: first.ownerId,
    stage: 'qualification',
    probability: 20,
    closedAt: null,
  });
  expect(deal.amount).toBe(Number(deal.amount.toFixed(2)));
  expect(summary(crm)).toEqual([`create deal ${deal.id}`]);
});

test('an activity is recorded at the present unless told otherwise, and never in the future', () => {
  const crm = openCrm(options);
  const call = { type: 'call', contactId: first.id, subject: 'Intro' };
  expect(crm.call<{ activity: Activity }>('add_activity', call).activity.occurredAt).toBe(NOW);
  const earlier = { ...call, occurredAt: '2026-01-02T10:00:00+01:00' };
  expect(crm.call<{ activity: Activity }>('add_activity', earlier).activity.occurredAt).toBe(
    '2026-01-02T09:00:00Z',
  );
  expect(crm.failure('add_activity', { ...call, occurredAt: '2027-01-01T00:00:00Z' })).toMatch(
    /^occurredAt: must not/,
  );
});

test('an activity is about a deal of its own contact only', () => {
  const crm = openCrm(options);
  const other = dataset.deals.find(({ contactId }) => contactId !== first.id) as Deal;
  const args = { type: 'note', contactId: first.id, dealId: other.id, subject: 'x' };
  expect(crm.failure('add_activity', args)).toBe(`dealId: ${other.id} is not a deal of contact ${first.id}`);
});

test('only calls and meetings have a duration', () => {
  const args = { type: 'note', contactId: first.id, subject: 'x', durationMinutes: 5 };
  expect(openCrm(options).failure('add_activity', args)).toContain(
    'is for calls and meetings only\n  → at durationMinutes',
  );
});

test('equal writes on equal data have equal digests, others do not', () => {
  const digestAfter = (notes: string) => {
    const crm = openCrm(options);
    crm.call('update_contact', { id: first.id, notes });
    return crm.mock.state().digest;
  };
  expect(digestAfter('One.')).toBe(digestAfter('One.'));
  expect(digestAfter('One.')).not.toBe(digestAfter('Two.'));
});

test('changes are sorted by entity and id, not in the order of the writes', () => {
  const crm = openCrm(options);
  const open = dataset.deals.find(({ closedAt }) => closedAt === null) as Deal;
  crm.call('update_deal_stage', { id: open.id, stage: 'lost' });
  crm.call('update_contact', { id: 'con_000009', notes: 'x' });
  crm.call('add_activity', { type: 'note', contactId: first.id, subject: 'x' });
  crm.call('update_contact', { id: 'con_000002', notes: 'x' });
  expect(summary(crm)).toEqual([
    `create activity act_${String(dataset.activities.length + 1).padStart(7, '0')}`,
    'update contact con_000002',
    'update contact con_000009',
    `update deal ${open.id}`,
  ]);
});
