import { expect, test } from 'vitest';
import { createRequestKeyer } from './cassette-key.ts';
import type { MessageParam, ModelRequest } from './model.ts';

const user = (text: string): MessageParam => ({ role: 'user', content: [{ type: 'text', text }] });
const base: ModelRequest = {
  model: 'm',
  max_tokens: 10,
  system: 'Be brief.',
  tools: [{ name: 'list', input_schema: { type: 'object', properties: { a: {}, b: {} } } }],
  messages: [user('Go.')],
};
const keyOf = (request: ModelRequest) => createRequestKeyer()(request).key;

test('the key is a SHA-256 that does not depend on the order of keys or on streaming', () => {
  const turned = {
    messages: [{ content: [{ text: 'Go.', type: 'text' }], role: 'user' }],
    stream: false,
    tools: [{ input_schema: { properties: { b: {}, a: {} }, type: 'object' }, name: 'list' }],
    system: 'Be brief.',
    max_tokens: 10,
    model: 'm',
  } as ModelRequest;
  expect(keyOf(base)).toMatch(/^[0-9a-f]{64}$/);
  expect(keyOf(turned)).toBe(keyOf(base));
});

test.each<[string, Partial<ModelRequest>]>([
  ['the model', { model: 'n' }],
  ['a limit', { max_tokens: 11 }],
  ['the instructions', { system: 'Be long.' }],
  ['a tool', { tools: [{ name: 'list', input_schema: { type: 'object' } }] }],
  ['the order of tools', { tools: [{ name: 'x', input_schema: { type: 'object' } }, ...(base.tools ?? [])] }],
  ['a message', { messages: [user('Stop.')] }],
  ['where one message ends', { messages: [user('Go.'), user('Go.')] }],
  [
    'a cache breakpoint',
    { system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] },
  ],
])('another key for a change of %s', (_name, change) => {
  expect(keyOf({ ...base, ...change })).not.toBe(keyOf(base));
});

test('a history that grows has the same keys as if each request were read anew', () => {
  const keyer = createRequestKeyer();
  const messages: MessageParam[] = [];
  for (let i = 0; i < 5; i++) {
    messages.push(user(`message ${i}`));
    const grown = { ...base, messages: [...messages] };
    expect(keyer(grown)).toEqual({ key: keyOf(grown), shared: i, sameFields: i > 0 });
  }
});

test('a breakpoint that moves through the history changes the key and nothing else', () => {
  const keyer = createRequestKeyer();
  const marked = (text: string): MessageParam => ({
    role: 'user',
    content: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }],
  });
  const first = keyer({ ...base, messages: [marked('one')] });
  const second = keyer({ ...base, messages: [user('one'), marked('two')] });
  expect(second).toMatchObject({ shared: 1, sameFields: true });
  expect(second.key).not.toBe(first.key);
  expect(second.key).not.toBe(keyOf({ ...base, messages: [user('one'), user('two')] }));
});

test('a message that was exchanged or has grown is read again', () => {
  const keyer = createRequestKeyer();
  const content = [{ type: 'text' as const, text: 'one' }];
  const growing: MessageParam = { role: 'user', content };
  keyer({ ...base, messages: [growing, user('two')] });
  content.push({ type: 'text', text: 'and a half' });
  const request = { ...base, messages: [growing, user('other')] };
  expect(keyer(request)).toMatchObject({ key: keyOf(request), shared: 0 });
});

test('five thousand round trips are keyed in time linear in what is new', () => {
  const keyer = createRequestKeyer();
  const messages: MessageParam[] = [];
  const started = performance.now();
  for (let i = 0; i < 5_000; i++) {
    messages.push(user(`message ${i} ${'x'.repeat(400)}`));
    keyer({ ...base, messages });
  }
  // Reading every history anew would take about 5 GB of JSON.
  expect(performance.now() - started).toBeLessThan(5_000);
});
