import { VERSION } from '@anthropic-ai/sdk/version';
import { expect, test } from 'vitest';
import { UsageError } from '../../errors.ts';
import type { ModelRequest } from '../../results/messages.ts';
import { answer, text, thinking, toolUse } from '../../testing/messages-api/reply.ts';
import { startMessagesApi } from '../../testing/messages-api/server.ts';
import { type AnthropicModelOptions, createAnthropicModel } from './anthropic.ts';
import { exchangeOf } from './anthropic-exchange.ts';

const request: ModelRequest = {
  model: 'claude-sonnet-5',
  max_tokens: 500,
  tools: [{ name: 'crm__list', input_schema: { type: 'object' } }],
  messages: [{ role: 'user', content: 'Which orders are open?' }],
};
const never = new AbortController().signal;

const modelAt = (baseURL: string, more: Partial<AnthropicModelOptions> = {}) =>
  createAnthropicModel({ model: 'claude-sonnet-5', apiKey: 'test-key', baseURL, ...more });

test('an answer arrives verbatim', async () => {
  const content = [
    thinking('First the list, then the details of each.', 'c2lnbmF0dXJl'),
    text('Looking at the orders — één moment.'),
    toolUse('toolu_1', 'crm__list', { status: 'open', limits: [1, 2], note: 'ünïcode "quoted"' }),
    toolUse('toolu_2', 'crm__list', {}),
  ];
  await using api = await startMessagesApi([answer(content)]);
  const response = await modelAt(api.url).respond(request, never);
  expect(response.content).toEqual(content);
  expect(response).toMatchObject({ stop_reason: 'tool_use', model: 'claude-sonnet-5', role: 'assistant' });
  expect(response.usage).toMatchObject({ cache_read_input_tokens: 0, service_tier: 'standard' });
  expect(response.usage?.output_tokens).toBeGreaterThan(1);
});

test('an echoed answer passes as history, thinking included', async () => {
  const first = answer([thinking('Plan.', 'sig'), toolUse('toolu_1', 'crm__list', { open: true })]);
  await using api = await startMessagesApi([first, answer(['Two are open.'])]);
  const model = modelAt(api.url);
  const { content } = await model.respond(request, never);
  const result = { type: 'tool_result' as const, tool_use_id: 'toolu_1', content: '[1, 2]' };
  const messages = [
    ...request.messages,
    { role: 'assistant' as const, content },
    { role: 'user' as const, content: [result] },
  ];
  const done = await model.respond({ ...request, messages }, never);
  expect(done.content).toEqual([text('Two are open.')]);
});

test('the request goes out as it is, with the key as the only credential and no retry by the SDK', async () => {
  await using api = await startMessagesApi([answer(['Hi.'])], { apiKey: 'test-key' });
  await modelAt(api.url).respond(request, never);
  const { stream, ...body } = api.requests[0]?.body ?? {};
  expect(stream).toBe(true);
  expect(body).toEqual(request);
});

test('cache reads and writes come from the provider’s usage', async () => {
  await using api = await startMessagesApi([answer(['One.']), answer(['Two.'])]);
  const model = modelAt(api.url);
  const cached: ModelRequest = {
    ...request,
    system: [{ type: 'text', text: 'You know all orders.', cache_control: { type: 'ephemeral' } }],
  };
  const first = await model.respond(cached, never);
  const second = await model.respond(cached, never);
  expect(first.usage?.cache_creation_input_tokens).toBeGreaterThan(0);
  expect(second.usage?.cache_read_input_tokens).toBe(first.usage?.cache_creation_input_tokens);
});

test('the exchange is kept for a recording, with offsets and without request headers', async () => {
  await using api = await startMessagesApi([answer(['A rather long answer, in several pieces.'])]);
  const response = await modelAt(api.url).respond(request, never);
  const exchange = exchangeOf(response);
  expect(exchange).toMatchObject({
    evidence: 'live',
    answer: {
      status: 200,
      origin: api.url,
      sdkVersion: VERSION,
      headers: { 'request-id': 'req_loopback_1' },
    },
  });
  expect(exchange?.answer.apiVersion).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(exchange?.measuredMs).toBeGreaterThan(0);
  const payload = exchange?.answer.payload ?? { body: null };
  const events = 'events' in payload ? payload.events : [];
  expect(events.map(({ data }) => (data as { type: string }).type)).toContain('content_block_delta');
  expect(JSON.stringify(exchange)).not.toContain('test-key');
});

test('usage that the provider left out is null and never zero', async () => {
  await using api = await startMessagesApi([
    answer(['No counts.'], { usage: null }),
    answer(['Zeros.'], { usage: { input_tokens: 0, output_tokens: 0 } }),
  ]);
  const model = modelAt(api.url);
  expect((await model.respond(request, never)).usage).toBeNull();
  expect((await model.respond(request, never)).usage).toBeNull();
});

test('the counts of message_start alone are not the usage of the answer', async () => {
  await using api = await startMessagesApi([answer(['Half counted.'], { usage: 'start-only' })]);
  expect((await modelAt(api.url).respond(request, never)).usage).toBeNull();
});

test.each([
  ['max_tokens', [text('And so on and')]],
  ['model_context_window_exceeded', [text('The window is')]],
  ['refusal', [text('I cannot')]],
  ['end_turn', []],
])('stop reason %s is an answer, not an error', async (stopReason, content) => {
  const stopDetails = { type: 'refusal', category: 'cyber', explanation: null };
  await using api = await startMessagesApi([answer(content, { stopReason, stopDetails })]);
  const response = await modelAt(api.url).respond(request, never);
  expect(response).toMatchObject({ stop_reason: stopReason, content, stop_details: stopDetails });
});

test('a tool input cut off by max_tokens is kept as text, which no schema accepts', async () => {
  const cut = answer([toolUse('toolu_1', 'crm__list')], {
    stopReason: 'max_tokens',
    rawInput: '{"status":"op',
  });
  await using api = await startMessagesApi([cut]);
  const response = await modelAt(api.url).respond(request, never);
  expect(response.content[0]).toMatchObject({ type: 'tool_use', input: '{"status":"op' });
});

test('another responding model is passed on for the caller to compare', async () => {
  await using api = await startMessagesApi([answer(['Hi.'], { model: 'claude-haiku-4-5-20251001' })]);
  const response = await modelAt(api.url).respond(request, never);
  expect(response.model).toBe('claude-haiku-4-5-20251001');
});

test('an abort rejects at once with its reason', async () => {
  await using api = await startMessagesApi(() => ({ silent: true }));
  const controller = new AbortController();
  const asked = modelAt(api.url).respond(request, controller.signal);
  setTimeout(() => controller.abort(new Error('budget spent')), 30);
  const started = performance.now();
  await expect(asked).rejects.toThrow('budget spent');
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('a fetch that ignores its signal does not hold up an abort', async () => {
  const controller = new AbortController();
  const deaf = modelAt('http://127.0.0.1:9', { fetch: () => new Promise(() => {}) });
  const asked = deaf.respond(request, controller.signal);
  controller.abort(new Error('stopped'));
  await expect(asked).rejects.toThrow('stopped');
});

test('closing the model ends what is under way', async () => {
  await using api = await startMessagesApi(() => ({ silent: true }));
  const model = modelAt(api.url);
  const asked = expect(model.respond(request, never)).rejects.toThrow('The model was closed.');
  await model.close();
  await asked;
});

test.each(['localhost:8080', 'not a url', 'https://me:secret@gateway.example'])(
  'the base URL %s is a usage error',
  (baseURL) => {
    const error = (() => {
      try {
        return modelAt(baseURL);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).not.toContain('secret');
  },
);

test('a missing key is a usage error that names the variable', () => {
  expect(() => modelAt('http://127.0.0.1:9', { apiKey: ' ' })).toThrow('Set ANTHROPIC_API_KEY.');
});
