import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { answer, thinking, toolUse, tooManyRequests } from './reply.ts';
import { startMessagesApi } from './server.ts';

const base = {
  model: 'claude-sonnet-5',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'Which orders are open?' }],
};
const tools = [{ name: 'crm__list', description: 'Lists.', input_schema: { type: 'object' as const } }];

const clientOf = (baseURL: string) =>
  new Anthropic({ apiKey: 'test-key', baseURL, maxRetries: 0, logLevel: 'off', openTelemetry: false });

test('the SDK reads the same message from a stream as from one JSON body', async () => {
  const content = [
    thinking('Let me look at the orders first.', 'sig-1'),
    toolUse('toolu_1', 'crm__list', { open: true }),
  ];
  await using api = await startMessagesApi([answer(content), answer(content)]);
  const client = clientOf(api.url);
  const streamed = await client.messages.stream({ ...base, tools }).finalMessage();
  const whole = await client.messages.create({ ...base, tools });
  expect(streamed.content).toEqual(whole.content);
  expect(streamed.stop_reason).toBe('tool_use');
  expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
});

test('errors have the shape, the request id and the headers of the API', async () => {
  await using api = await startMessagesApi([tooManyRequests({ 'retry-after': '7' })]);
  const error = await clientOf(api.url)
    .messages.create(base)
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Anthropic.RateLimitError);
  const { headers, requestID, type } = error as InstanceType<typeof Anthropic.RateLimitError>;
  expect([headers?.get('retry-after'), requestID, type]).toEqual(['7', 'req_loopback_1', 'rate_limit_error']);
});

test('a request that the API would reject is answered 400 and fails the test that sent it', async () => {
  const api = await startMessagesApi([]);
  const sent = clientOf(api.url).messages.create({ ...base, max_tokens: 0 });
  await expect(sent).rejects.toThrow('max_tokens');
  expect(() => api.assertNoViolations()).toThrow('max_tokens: Input should be greater than or equal to 1');
  await expect(api[Symbol.asyncDispose]()).rejects.toThrow('would have rejected');
});

test('a request beyond the script fails the test instead of being answered', async () => {
  await using api = await startMessagesApi([]);
  await expect(clientOf(api.url).messages.create(base)).rejects.toThrow('no reply for request 1 of 0');
  expect(api.takeViolations()).toHaveLength(1);
});

test('thinking must come back unchanged with the result of the call that followed it', async () => {
  const call = toolUse('toolu_1', 'crm__list');
  await using api = await startMessagesApi([answer([thinking('Plan.', 'sig-1'), call]), answer(['Done.'])]);
  const client = clientOf(api.url);
  await client.messages.create({ ...base, tools });
  const next = (history: unknown[]) => ({
    ...base,
    tools,
    messages: [
      ...base.messages,
      { role: 'assistant' as const, content: history as [] },
      {
        role: 'user' as const,
        content: [{ type: 'tool_result' as const, tool_use_id: 'toolu_1', content: 'none' }],
      },
    ],
  });
  await expect(client.messages.create(next([call]))).rejects.toThrow('cannot be modified');
  await expect(client.messages.create(next([thinking('Plan.', 'sig-2'), call]))).rejects.toThrow(
    'cannot be modified',
  );
  expect(api.takeViolations()).toHaveLength(2);
  const done = await client.messages.create(next([thinking('Plan.', 'sig-1'), call]));
  expect(done.stop_reason).toBe('end_turn');
});
