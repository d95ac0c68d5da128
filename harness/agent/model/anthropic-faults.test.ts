import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { InfrastructureError } from '../../errors.ts';
import type { ModelRequest } from '../../results/messages.ts';
import { answer, type Reply, refusal, toolUse, tooManyRequests } from '../../testing/messages-api/reply.ts';
import { refusingUrl, type Script, startMessagesApi } from '../../testing/messages-api/server.ts';
import { type AnthropicModelOptions, createAnthropicModel } from './anthropic.ts';
import { type ModelRequestError, PromptTooLongError } from './anthropic-exchange.ts';
import type { RetryEvent } from './retry.ts';

const request: ModelRequest = {
  model: 'claude-sonnet-5',
  max_tokens: 500,
  tools: [{ name: 'crm__list', input_schema: { type: 'object' } }],
  messages: [{ role: 'user', content: 'Which orders are open?' }],
};
const never = new AbortController().signal;
const key = 'sk-ant-api03-abcdefghijklmnop';
const fine = answer(['Two are open.']);

// Pauses are not waited for: what they would be is asserted from the events.
const hasty = { maxRetries: 2, wait: async () => {} };

const modelAt = (baseURL: string, more: Partial<AnthropicModelOptions> = {}) =>
  createAnthropicModel({ model: request.model, apiKey: key, baseURL, ...hasty, ...more });

async function failWith(
  script: Script,
  more: Partial<AnthropicModelOptions> = {},
): Promise<ModelRequestError> {
  await using api = await startMessagesApi(script);
  const error = await modelAt(api.url, more)
    .respond(request, never)
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InfrastructureError);
  return error as ModelRequestError;
}

async function surviveOne(fault: Reply, more: Partial<AnthropicModelOptions> = {}): Promise<RetryEvent> {
  await using api = await startMessagesApi([fault, fine]);
  const heard: RetryEvent[] = [];
  const model = modelAt(api.url, { ...more, onRetry: (event) => heard.push(event) });
  const response = await model.respond(request, never);
  expect(response.content).toMatchObject([{ type: 'text', text: 'Two are open.' }]);
  expect(heard).toHaveLength(1);
  return heard[0] as RetryEvent;
}

describe('refusals that would repeat themselves end at once and say what to do', () => {
  test.each([
    [400, 'tools.3: broken', 'invalid_request', 'rejected the request for claude-sonnet-5 (400)'],
    [401, `invalid x-api-key: ${key}`, 'authentication', 'Set ANTHROPIC_API_KEY to a valid key'],
    [403, 'no access', 'permission', 'may not use claude-sonnet-5'],
    [404, 'model: claude-sonnet-5', 'not_found', 'Check the model id and the base URL'],
    [413, 'too many bytes', 'too_large', 'larger than'],
  ])('%i', async (status, said, kind, advice) => {
    const error = await failWith([refusal(status, said), fine]);
    expect(error.failure).toMatchObject({ kind, status, usage: 'none', requestId: 'req_loopback_1' });
    expect(error.message).toContain(advice);
  });

  test('the key is in no message, also where the API echoes it', async () => {
    const error = await failWith([refusal(401, `invalid x-api-key: ${key} (Authorization: Bearer ${key})`)]);
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('abcdefghijklmnop');
    expect(error.message).toContain('[redacted]');
  });

  test('the variable that the key came from is named', async () => {
    const error = await failWith([refusal(401, 'no')]);
    expect(error.message).toContain('Set ANTHROPIC_API_KEY');
  });

  test('a redirect is not followed, so the key stays with its address', async () => {
    const headers = { location: 'http://127.0.0.1:9/elsewhere' };
    const error = await failWith([refusal(307, 'moved', { headers })]);
    expect(error.failure.kind).toBe('redirect');
    expect(error.message).toContain('redirects to http://127.0.0.1:9/elsewhere');
  });

  test('x-should-retry: false is obeyed', async () => {
    const error = await failWith([
      refusal(500, 'broken for good', { headers: { 'x-should-retry': 'false' } }),
      fine,
    ]);
    expect(error.message).toContain('broken for good');
  });
});

describe('an exhausted account stops the run in a way that can be resumed', () => {
  test.each([
    [refusal(402, 'payment failed')],
    [refusal(400, 'Your credit balance is too low to access the Anthropic API.')],
    [refusal(400, 'You have reached your specified API usage limits.')],
    [refusal(429, 'Limit.', { details: { error_code: 'enforced_spend_limit_reached' } })],
  ])('case %#', async (reply) => {
    const error = await failWith([reply, fine]);
    expect(error.failure.kind).toBe('quota');
    expect(error.message).toContain('resume the run');
  });
});

test('a prompt that does not fit is a result of the trial and not infrastructure', async () => {
  await using api = await startMessagesApi([
    refusal(400, 'prompt is too long: 1000100 tokens > 1000000 maximum'),
  ]);
  const error = await modelAt(api.url)
    .respond(request, never)
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PromptTooLongError);
  expect(error).not.toBeInstanceOf(InfrastructureError);
});

describe('rate limits are waited out as the header says', () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  test.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after-ms': '1500' }, 1_500],
    [{ 'retry-after': 'whenever 3' }, null],
    [{}, null],
  ])('%j', async (headers, asked) => {
    const event = await surviveOne(tooManyRequests(headers));
    expect(event.failure).toMatchObject({
      kind: 'rate_limit',
      status: 429,
      usage: 'none',
      retryAfterMs: asked,
    });
  });

  test('an HTTP date', async () => {
    const { failure } = await surviveOne(tooManyRequests({ 'retry-after': inAnHour }));
    expect(failure.retryAfterMs).toBeGreaterThan(3_590_000);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });
});

describe('passing faults are retried', () => {
  test.each([
    [529, 'overloaded'],
    [500, 'server'],
    [503, 'overloaded'],
    [408, 'server'],
  ])('status %i', async (status, kind) => {
    expect((await surviveOne(refusal(status, 'not now'))).failure).toMatchObject({
      kind,
      status,
      usage: 'none',
    });
  });

  test('an error page of a proxy instead of an error body', async () => {
    const page = refusal(502, '', {
      rawBody: '<html>Bad gateway</html>',
      headers: { 'content-type': 'text/html' },
    });
    expect((await surviveOne(page)).reason).toContain('Bad gateway');
  });

  test('a connection that is reset before an answer', async () => {
    expect((await surviveOne({ reset: true })).failure).toMatchObject({
      kind: 'network',
      status: null,
      usage: 'unknown',
    });
  });

  test('a stream that is cut in the middle', async () => {
    const event = await surviveOne(
      answer(['Never heard to its end.'], { fault: { kind: 'cut', afterEvents: 3 } }),
    );
    expect(event.failure).toMatchObject({ kind: 'cut', usage: 'unknown', requestId: 'req_loopback_1' });
  });

  test('a stream that ends before message_stop', async () => {
    const event = await surviveOne(answer(['Short.'], { fault: { kind: 'end', afterEvents: 2 } }));
    expect(event.failure).toMatchObject({ kind: 'cut', usage: 'unknown' });
  });

  test('a stream without any event', async () => {
    const event = await surviveOne(answer(['Nothing.'], { fault: { kind: 'end', afterEvents: 0 } }));
    expect(event.reason).toContain('ended before it said anything');
  });

  test('an event that is not JSON', async () => {
    const event = await surviveOne(answer(['Odd.'], { fault: { kind: 'malformed', afterEvents: 2 } }));
    expect(event.failure).toMatchObject({ kind: 'malformed', usage: 'unknown' });
  });

  test('a tool input that is cut off though the answer is whole', async () => {
    const event = await surviveOne(answer([toolUse('toolu_1', 'crm__list')], { rawInput: '{"status":"op' }));
    expect(event.reason).toContain('a tool input that is not JSON');
  });

  test('an overloaded_error inside the stream', async () => {
    const fault = { kind: 'error', afterEvents: 2, type: 'overloaded_error', message: 'Overloaded' } as const;
    expect((await surviveOne(answer(['Oh.'], { fault }))).failure).toMatchObject({
      kind: 'overloaded',
      status: 529,
      usage: 'unknown',
    });
  });
});

describe('nothing hangs', () => {
  test('a stream that falls silent is given up', async () => {
    const stalled = answer(['Once upon'], { fault: { kind: 'stall', afterEvents: 3 } });
    const event = await surviveOne(stalled, { idleTimeoutMs: 300 });
    expect(event.failure).toMatchObject({ kind: 'stalled', usage: 'unknown' });
    expect(event.reason).toContain('nothing arrived for 300 ms');
  });

  test('a server that never answers is given up', async () => {
    expect((await surviveOne({ silent: true }, { idleTimeoutMs: 300 })).failure.kind).toBe('stalled');
  });

  test('an answer that keeps trickling is given up at the deadline', async () => {
    const slow = answer(['Slow.'], { pings: { count: 100, gapMs: 20 } });
    const event = await surviveOne(slow, { timeoutMs: 400 });
    expect(event.failure).toMatchObject({ kind: 'timeout', usage: 'unknown' });
  });

  test('pings keep a thinking model alive for longer than the idle timeout', async () => {
    await using api = await startMessagesApi([answer(['At last.'], { pings: { count: 25, gapMs: 20 } })]);
    const response = await modelAt(api.url, { idleTimeoutMs: 300 }).respond(request, never);
    expect(response.stop_reason).toBe('end_turn');
    expect(api.requests).toHaveLength(1);
  });

  test('a slow answer is only slow', async () => {
    await using api = await startMessagesApi([answer(['Here.'], { delayMs: 60 })]);
    expect((await modelAt(api.url).respond(request, never)).stop_reason).toBe('end_turn');
  });
});

test('a refused connection is retried, then an infrastructure error; it cannot have cost anything', async () => {
  const error = await modelAt(await refusingUrl())
    .respond(request, never)
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InfrastructureError);
  const { failure, message } = error as ModelRequestError;
  expect(failure).toMatchObject({ kind: 'network', usage: 'none' });
  expect(message).toMatch(/ECONNREFUSED.*Gave up after 3 attempts\.$/);
});

test('a fault that stays ends as an infrastructure error, and every attempt before was reported', async () => {
  const heard: RetryEvent[] = [];
  const error = await failWith([refusal(529, 'a'), { reset: true }, refusal(500, 'c')], {
    onRetry: (event) => heard.push(event),
  });
  expect(error.failure.kind).toBe('server');
  expect(heard.map(({ failure }) => failure.kind)).toEqual(['overloaded', 'network']);
});

test('a page that is no Messages API is no answer', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<html>Welcome</html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const asked = modelAt(url, { maxRetries: 0 }).respond(request, never);
    await expect(asked).rejects.toThrow(
      `The answer is not one of the Messages API, from ${url}: its content type is text/html`,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
