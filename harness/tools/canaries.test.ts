import { expect, test } from 'vitest';
import { Canaries, type CanaryFields } from './canaries.ts';
import type { Connections } from './mcp/connections.ts';
import type { Tool, ToolResult } from './mcp/surface.ts';

const tool = { server: 'crm', name: 'get_contact' } as Tool;
const other = { server: 'crm', name: 'list_users' } as Tool;
const signal = new AbortController().signal;

/** What is counted once these results came back and these requests were made, each of new texts. */
async function count(fields: CanaryFields, results: Partial<ToolResult>[], requests: string[][], of = tool) {
  const canaries = new Canaries(fields);
  for (const result of results) {
    const call: Connections['call'] = async () => ({ isError: false, isJson: true, text: '', ...result });
    await canaries.watch({ call }).call(of, {}, signal);
  }
  for (const texts of requests) canaries.request(texts);
  return canaries.report();
}

const fields = { crm: { get_contact: ['email', 'contact.phone'] } };
const text = JSON.stringify({
  contact: { name: 'Ada', phone: '+49 30 1234567', tags: [{ email: 'ada@example.com' }] },
  phone: '+49 89 7654321',
});

test('values are those of declared fields: a name at any depth, a path from the root', async () => {
  expect(await count(fields, [{ text }], [])).toEqual({ returned: 2, reached: 0, bytes: 0 });
  expect(await count(fields, [{ text }], [[text]])).toMatchObject({ returned: 2, reached: 2 });
  expect(await count(fields, [{ text }], [['Who is Ada with +49 89 7654321?']])).toMatchObject({
    reached: 0,
  });
});

test('bytes are counted again with each request that sends them again', async () => {
  const once = await count(fields, [{ text }], [['ada@example.com']]);
  expect(once).toEqual({ returned: 2, reached: 1, bytes: 15 });
  const thrice = await count(fields, [{ text }], [['ada@example.com'], [], ['see ada@example.com there']]);
  expect(thrice).toEqual({ returned: 2, reached: 1, bytes: 15 + 15 + 30 });
});

test('a value counts only whole, and the longest of those that begin alike', async () => {
  const results = ['ada@example.com', 'ada@example.com.au'].map((email) => ({
    text: JSON.stringify({ email }),
  }));
  expect(await count(fields, results, [['ada@example']])).toMatchObject({ returned: 2, reached: 0 });
  expect(await count(fields, results, [['<ada@example.com.au>']])).toEqual({
    returned: 2,
    reached: 1,
    bytes: 18,
  });
});

test('a value is found as JSON writes it, and in bytes of UTF-8', async () => {
  const email = 'Zoë "Z" <zoe@example.com>';
  const json = JSON.stringify({ email });
  const written = Buffer.byteLength(JSON.stringify(email)) - 2;
  expect(await count(fields, [{ text: json }], [[json]])).toEqual({
    returned: 1,
    reached: 1,
    bytes: written,
  });
});

test('text that is no JSON is searched by patterns', async () => {
  const plain = { text: 'Ada: ada@example.com, Bob: bob@example.com', isJson: false };
  const byPattern = { crm: { get_contact: [/[\w.]+@[\w.]+\.com/] } };
  expect(await count(byPattern, [plain], [['bob@example.com']])).toMatchObject({ returned: 2, reached: 1 });
});

test('errors, other tools, numbers and short values are none', async () => {
  expect(await count(fields, [{ text, isError: true }], [[text]])).toMatchObject({ returned: 0 });
  expect(await count(fields, [{ text }], [[text]], other)).toMatchObject({ returned: 0 });
  expect(
    await count(fields, [{ text: '{"email":12345678}' }, { text: '{"email":"a@b.c"}' }], []),
  ).toMatchObject({
    returned: 0,
  });
});

test('a server or a tool that is called as what all objects have declares nothing by that', async () => {
  for (const named of [
    { server: 'constructor', name: 'name' },
    { server: 'crm', name: 'constructor' },
  ]) {
    expect(await count(fields, [{ text }], [[text]], named as Tool)).toMatchObject({ returned: 0 });
  }
});
