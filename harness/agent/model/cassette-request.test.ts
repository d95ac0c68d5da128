import { expect, test } from 'vitest';
import type { MessageParam, ModelRequest } from '../../results/messages.ts';
import { createReadCounter } from '../../testing/count-reads.ts';
import { breakpointsOf, createRequestKeyer, firstDifference } from './cassette-request.ts';

const user = (text: string): MessageParam => ({ role: 'user', content: [{ type: 'text', text }] });
const base: ModelRequest = {
  model: 'm',
  max_tokens: 10,
  system: 'Be brief.',
  tools: [{ name: 'list', input_schema: { type: 'object', properties: { a: {}, b: {} } } }],
  messages: [user('Go.')],
};
const asItIs = <T>(value: T) => value;
const keyOf = (request: ModelRequest) => createRequestKeyer(asItIs)(request).key;

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

test('a history that grows has the same keys as if each request were read from the start', () => {
  const keyer = createRequestKeyer(asItIs);
  const messages: MessageParam[] = [];
  for (let i = 0; i < 5; i++) {
    messages.push(user(`message ${i}`));
    const grown = { ...base, messages: [...messages] };
    expect(keyer(grown)).toEqual({ key: keyOf(grown), shared: i, sameFields: i > 0, breakpoints: [] });
  }
});

test('a breakpoint that moves through the history changes the key and nothing else', () => {
  const keyer = createRequestKeyer(asItIs);
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
  const keyer = createRequestKeyer(asItIs);
  const content = [{ type: 'text' as const, text: 'one' }];
  const growing: MessageParam = { role: 'user', content };
  keyer({ ...base, messages: [growing, user('two')] });
  content.push({ type: 'text', text: 'and a half' });
  const request = { ...base, messages: [growing, user('other')] };
  expect(keyer(request)).toMatchObject({ key: keyOf(request), shared: 0 });
});

/** Reads of properties of the messages while this many round trips are keyed. */
function readsOf(roundTrips: number, grow: (messages: MessageParam[], i: number) => void): number {
  const keyer = createRequestKeyer(asItIs);
  const counter = createReadCounter();
  const messages: MessageParam[] = [];
  for (let i = 0; i < roundTrips; i++) {
    grow(messages, i);
    keyer(counter.watch({ ...base, messages }));
  }
  return counter.reads();
}

test('each round trip costs the same number of reads, however long the history before it is', () => {
  const grow = (messages: MessageParam[], i: number) => {
    messages.push(user(`message ${i}`), { role: 'assistant', content: `answer ${i}` });
  };
  const each = readsOf(11, grow) - readsOf(10, grow);
  expect(each).toBeGreaterThan(0);
  expect(readsOf(1_000, grow) - readsOf(10, grow)).toBe(990 * each);
});

test('breakpoints that move through a history cost no reads of the messages that have none', () => {
  const grow = (messages: MessageParam[], i: number) => {
    const content = [
      { type: 'text' as const, text: `message ${i}`, cache_control: { type: 'ephemeral' as const } },
    ];
    messages.push({ role: 'user', content }, { role: 'assistant', content: `answer ${i}` });
    const block = messages[messages.length - 6]?.content.at(0);
    if (typeof block === 'object' && 'cache_control' in block) delete block.cache_control;
  };
  const each = readsOf(11, grow) - readsOf(10, grow);
  expect(readsOf(1_000, grow) - readsOf(10, grow)).toBe(990 * each);
});

test('breakpoints are found on new messages, and lost on those that had them', () => {
  const keyer = createRequestKeyer(asItIs);
  const mark = { type: 'ephemeral' as const };
  const block = (text: string) => ({ type: 'text' as const, text, cache_control: mark });
  const blocks: { cache_control?: typeof mark }[] = [];
  const messages: MessageParam[] = [];
  for (let i = 0; i < 6; i++) {
    const content = [block(`message ${i}`)];
    blocks.push(...content);
    messages.push({ role: 'user', content }, { role: 'assistant', content: `answer ${i}` });
    delete blocks[i - 2]?.cache_control;
    const request = { ...base, messages };
    const keyed = keyer(request);
    expect(keyed.breakpoints).toEqual(breakpointsOf(request));
    expect(keyed.breakpoints).toHaveLength(Math.min(i + 1, 2));
    expect(keyed.key).toBe(keyOf(request));
  }
});

test('a history that became shorter is read again', () => {
  const keyer = createRequestKeyer(asItIs);
  const messages = [user('one'), user('two'), user('three')];
  keyer({ ...base, messages });
  const shorter = { ...base, messages: messages.slice(0, 2) };
  expect(keyer(shorter)).toMatchObject({ key: keyOf(shorter), shared: 2 });
  const longer = { ...base, messages: [...messages.slice(0, 2), user('four'), user('five')] };
  expect(keyer(longer)).toMatchObject({ key: keyOf(longer), shared: 2 });
});

test('equal values have no difference, with keys in any order', () => {
  expect(firstDifference({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBeNull();
});

test('the first difference is named by its path, with both values', () => {
  const difference = firstDifference({ a: { b: [1, { c: 'x' }] } }, { a: { b: [1, { c: 2 }] } });
  expect(difference).toEqual({ path: 'a.b[1].c', recorded: '"x"', asked: '2' });
});

test('what only one side has is a difference', () => {
  expect(firstDifference({ a: 1 }, { a: 1, b: 2 })).toEqual({ path: 'b', recorded: 'nothing', asked: '2' });
  expect(firstDifference([1], [1, 2])).toMatchObject({ path: '[1]', recorded: 'nothing' });
});

test('long texts are shown where they differ', () => {
  const text = 'row '.repeat(1_000);
  const difference = firstDifference({ t: `${text}ABC ${text}` }, { t: `${text}AXC ${text}` });
  expect(difference?.recorded).toContain('ABC');
  expect(difference?.asked).toContain('AXC');
  expect(difference?.asked.length).toBeLessThan(120);
});
