import { expect, test } from 'vitest';
import { createUsageCounter, tokensOf } from './cache-rule.ts';
import type { Fields } from './request.ts';

const mark = { cache_control: { type: 'ephemeral' } };
const block = (words: string, more: Fields = {}): Fields => ({ type: 'text', text: words, ...more });
const body = (messages: Fields[], more: Fields = {}): Fields => ({ model: 'm', messages, ...more });
const user = (...content: Fields[]): Fields => ({ role: 'user', content });

test('without a breakpoint nothing is cached', () => {
  const counter = createUsageCounter();
  const request = body([user(block('one'), block('two'))]);
  counter.count(request, []);
  const again = counter.count(request, []);
  expect(again).toMatchObject({ cache_read_input_tokens: 0, cache_creation_input_tokens: 0 });
  expect(again.input_tokens).toBe(tokensOf(block('one')) + tokensOf(block('two')));
});

test('a moving breakpoint reads what the request before wrote, and writes what is new', () => {
  const counter = createUsageCounter();
  const one = tokensOf(block('one'));
  const first = counter.count(body([user(block('one', mark))]), []);
  expect(first).toMatchObject({ cache_creation_input_tokens: one, input_tokens: 0 });
  const second = counter.count(
    body([user(block('one')), user(block('two', mark)), user(block('three'))]),
    [],
  );
  expect(second).toMatchObject({
    cache_read_input_tokens: one,
    cache_creation_input_tokens: tokensOf(block('two')),
    input_tokens: tokensOf(block('three')),
  });
});

test('another tool makes every cached prefix useless', () => {
  const counter = createUsageCounter();
  const messages = [user(block('one', mark))];
  counter.count(body(messages, { tools: [{ name: 'a' }] }), []);
  expect(counter.count(body(messages, { tools: [{ name: 'b' }] }), []).cache_read_input_tokens).toBe(0);
});

test('another tool choice keeps the tools and loses the messages', () => {
  const counter = createUsageCounter();
  const request = (choice: string) =>
    body([user(block('one', mark))], { tools: [{ name: 'a', ...mark }], tool_choice: { type: choice } });
  counter.count(request('auto'), []);
  expect(counter.count(request('none'), []).cache_read_input_tokens).toBe(tokensOf({ name: 'a' }));
});

test('a prefix below the minimum is silently not cached', () => {
  const counter = createUsageCounter(1_000);
  const request = body([user(block('short', mark))]);
  counter.count(request, []);
  expect(counter.count(request, [])).toMatchObject({
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
    input_tokens: tokensOf(block('short')),
  });
});

test('a prefix more than twenty blocks before the breakpoint is not found', () => {
  const counter = createUsageCounter();
  const blocks = (count: number) => Array.from({ length: count }, (_, i) => block(`block ${i}`));
  counter.count(body([user(block('start', mark))]), []);
  const near = counter.count(body([user(block('start'), ...blocks(19), block('end', mark))]), []);
  expect(near.cache_read_input_tokens).toBe(tokensOf(block('start')));
  const fresh = createUsageCounter();
  fresh.count(body([user(block('start', mark))]), []);
  const far = fresh.count(body([user(block('start'), ...blocks(20), block('end', mark))]), []);
  expect(far.cache_read_input_tokens).toBe(0);
});

test('an hour’s breakpoint is counted apart', () => {
  const counter = createUsageCounter();
  const hour = { cache_control: { type: 'ephemeral', ttl: '1h' } };
  const counted = counter.count(body([user(block('one', hour), block('two', mark))]), []);
  expect(counted.cache_creation).toEqual({
    ephemeral_1h_input_tokens: tokensOf(block('one')),
    ephemeral_5m_input_tokens: tokensOf(block('two')),
  });
});
