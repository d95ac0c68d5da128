import { expect, test } from 'vitest';
import { readDataset } from '../crm/dataset.ts';
import { openServer } from '../testing/open-server.ts';
import { makeDataset, reviewOf } from './dataset.ts';
import newsletter from './server.ts';

const size = { contacts: 300, seed: 1 };

test('equal seeds give equal data, and another seed other data', () => {
  expect(makeDataset(size)).toEqual(makeDataset(size));
  expect(makeDataset({ ...size, seed: 2 }).sends).not.toEqual(makeDataset(size).sends);
});

test('subscribers are the contacts of the CRM that have the tag newsletter', () => {
  const tagged = readDataset(size).contacts.filter(({ tags }) => tags.includes('newsletter'));
  const subscribers = makeDataset(size).subscribers;
  expect(subscribers.map(({ contactId, email }) => [contactId, email])).toEqual(
    tagged.map(({ id, email }) => [id, email]),
  );
});

test('among drafts are some that the reviewer agrees to and some that they do not', () => {
  for (const seed of [1, 2, 3, 4]) {
    const drafts = makeDataset({ ...size, seed }).campaigns.filter(({ status }) => status === 'draft');
    expect(new Set(drafts.map(({ id }) => reviewOf(id, seed).agrees)).size).toBe(2);
  }
});

test('nothing is sent that was not reviewed, or to who did not consent', () => {
  const { call, failure, mock } = openServer(newsletter);
  expect(failure('send_campaign', { campaignId: 'cmp_007' })).toContain('only a reviewed one can be sent');
  const { subscribers } = call<{ subscribers: { id: string }[] }>('list_subscribers', { hasConsent: false });
  const draft = {
    name: 'x',
    subject: 'x',
    templateId: 'tpl_01',
    recipientIds: subscribers.map(({ id }) => id),
  };
  expect(failure('create_campaign', draft)).toContain('nothing may be sent to');
  expect(mock.state().changes).toEqual([]);
});

test('a timeout leaves the person added or not, and the next attempt succeeds', () => {
  const { call, mock } = openServer(newsletter);
  const outcomes = Array.from({ length: 30 }, (_, index) => {
    const email = `p${index}@visitors.example`;
    const args = { email, firstName: 'P', listId: 'lst_01' };
    const { isError = false } = mock.call('add_subscriber', args);
    const { subscriber } = call<{ subscriber: object | null }>('find_subscriber', { email });
    if (isError) expect(mock.call('add_subscriber', args).isError).toBeUndefined();
    return `${isError ? 'timeout' : 'done'}, ${subscriber ? 'added' : 'not added'}`;
  });
  expect(new Set(outcomes)).toEqual(new Set(['done, added', 'timeout, added', 'timeout, not added']));
});
