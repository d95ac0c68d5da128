import { expect, test } from 'vitest';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { openServer } from '../testing/open-server.ts';
import { type Comment, makeDataset, type Ticket } from './dataset.ts';
import helpdesk from './server.ts';

const options = { contacts: 200, seed: 3 };
const made = makeDataset(options);

test('requesters are contacts of the CRM of the same size and seed', () => {
  const contacts = new Map(readCrm(options).contacts.map((contact) => [contact.id, contact]));
  for (const { requesterId, requesterEmail, companyId } of made.tickets) {
    expect(contacts.get(requesterId)).toMatchObject({ email: requesterEmail, companyId });
  }
  expect(makeDataset(options)).toEqual(made);
});

test('times of a ticket are in order, and none lies ahead', () => {
  const created = made.tickets.map(({ createdAt }) => createdAt);
  expect(created).toEqual(created.toSorted());
  for (const { createdAt, firstReplyAt, solvedAt, status } of made.tickets) {
    const times = [createdAt, firstReplyAt, solvedAt].filter((time) => time !== null);
    expect([...times, '2026-06-30T12:00:00Z']).toEqual([...times, '2026-06-30T12:00:00Z'].sort());
    expect(status === 'solved').toBe(solvedAt !== null);
  }
});

test('what is written is read back', () => {
  const { call, failure, mock } = openServer(helpdesk, options);
  const email = made.tickets[0]?.requesterEmail;
  const { ticket } = call<{ ticket: Ticket }>('create_ticket', {
    requesterEmail: email,
    subject: 'Hi',
    body: 'Hello.',
  });
  call('add_ticket_tags', { id: ticket.id, tags: ['b', 'a', 'b'] });
  call('update_ticket', { id: ticket.id, status: 'solved' });
  expect(call<{ ticket: Ticket }>('get_ticket', { id: ticket.id }).ticket).toMatchObject({
    tags: ['a', 'b'],
    status: 'solved',
    solvedAt: '2026-06-30T12:00:00Z',
  });
  const { comments } = call<{ comments: Comment[] }>('list_comments', { ticketId: ticket.id });
  expect(comments.map(({ body }) => body)).toEqual(['Hello.']);
  expect(mock.state().changes.map(({ entity, operation }) => `${operation} ${entity}`)).toEqual([
    'create comment',
    'create ticket',
  ]);
  expect(failure('find_requester', { email: 'nobody@unknown.example' })).toContain(
    'no requester has the email',
  );
});
