import { expect, test } from 'vitest';
import { callSites } from './call-sites.ts';
import { writeByReference } from './references.ts';

test('call sites are found with whether a loop repeats them', () => {
  const body = `
    const page: { ids: number[] } = await mcp.crm.list({});
    for (const id of page.ids) await mcp.crm.get({ id });
    return Promise.all(page.ids.map((id) => mcp.mail.send({ id })));`;
  expect(callSites(body)).toEqual([
    { callee: 'crm.list', inLoop: false },
    { callee: 'crm.get', inLoop: true },
    { callee: 'mail.send', inLoop: false },
  ]);
});

test('values are written as paths to what is known where that is shorter', () => {
  const rows = [
    { id: 'contact-000001', name: 'Ada Lovelace' },
    { id: 'contact-000002', name: 'Alan Turing' },
  ];
  const write = writeByReference('seen', [{ rows }]);
  expect(write([rows[1] ?? null])).toBe('[seen[0].rows[1]]');
  expect(write({ id: 'contact-000001', n: 5 })).toBe('{"id":"contact-000001","n":5}');
  expect(write({ rows })).toBe('seen[0]');
  expect(write('unknown to everybody')).toBe('"unknown to everybody"');
});
