import { expect, test } from 'vitest';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { openServer } from '../testing/open-server.ts';
import { makeDataset } from './dataset.ts';
import workspace from './server.ts';

const options = { contacts: 200, seed: 3 };
const made = makeDataset(options);

test('people are the active users of the CRM of the same size and seed', () => {
  const active = readCrm(options).users.filter((user) => user.active);
  expect(made.people.map(({ email }) => email)).toEqual(active.map(({ email }) => email));
  expect(makeDataset(options)).toEqual(made);
});

test('each draft has one request and one answer, and each receipt its total in its text', () => {
  for (const { documentId } of made.answers) {
    const requests = made.mails.filter(({ body }) => body.includes(documentId));
    expect(requests).toHaveLength(1);
    expect(made.mails.filter(({ threadId }) => threadId === requests[0]?.threadId)).toHaveLength(2);
  }
  for (const { mailId, vendor, amount } of made.receipts) {
    const mail = made.mails.find(({ id }) => id === mailId);
    expect(mail?.subject).toContain(vendor);
    expect(mail?.body).toContain(`Total: EUR ${amount.toFixed(2)}\n`);
  }
});

test('lists leave texts out, and a sheet takes rows as wide as its headings only', () => {
  const { call, failure } = openServer(workspace, options);
  expect(JSON.stringify(call('list_mail'))).not.toContain('"body"');
  expect(JSON.stringify(call('list_documents'))).not.toContain('"body"');
  const { id } = call<{ id: string }>('create_sheet', { title: 'A', header: ['x', 'y'] });
  call('append_rows', { id, rows: [['one', 1]] });
  expect(failure('append_rows', { id, rows: [['two']] })).toContain('rows[0] has 1 cells, the headings 2');
  expect(JSON.parse(call<string>('values_get', { id })).values).toEqual([
    ['x', 'y'],
    ['one', 1],
  ]);
});
