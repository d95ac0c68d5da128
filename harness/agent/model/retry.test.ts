import { expect, test } from 'vitest';
import type { Model } from '../../meter/model.ts';
import type { ModelRequest, ModelResponse } from '../../results/messages.ts';
import { createManualClock } from '../../testing/messages-api/manual-clock.ts';
import { type Failure, ModelRequestError } from './anthropic-errors.ts';
import { type RetryEvent, retrying } from './retry.ts';
import { defaultRetryPolicy } from './retry-delay.ts';

const request: ModelRequest = { model: 'm', max_tokens: 1, messages: [] };
const response = { id: 'msg' } as ModelResponse;

function failure(change: Partial<Failure> = {}): ModelRequestError {
  return new ModelRequestError('The server is overloaded.', {
    kind: 'overloaded',
    status: 529,
    requestId: null,
    retryable: true,
    retryAfterMs: null,
    usage: 'none',
    ...change,
  });
}

function modelThat(...steps: (Error | ModelResponse)[]): Model {
  return {
    id: 'm',
    evidence: 'live',
    close: async () => {},
    async respond() {
      const step = steps.shift();
      if (step instanceof Error) throw step;
      return step as ModelResponse;
    },
  };
}

function setUp(model: Model, maxRetries = 2) {
  const clock = createManualClock();
  const events: RetryEvent[] = [];
  const policy = { ...defaultRetryPolicy, maxRetries };
  const retry = retrying({ policy, clock, random: () => 0, onRetry: (event) => events.push(event) });
  return { clock, events, model: retry(model) };
}

test('a passing failure is retried after its pause and the answer is returned', async () => {
  const { clock, events, model } = setUp(modelThat(failure({ retryAfterMs: 7_000 }), response));
  const answer = model.respond(request, new AbortController().signal);
  await clock.advance(6_999);
  expect(events).toMatchObject([{ attempt: 1, delayMs: 7_000, failure: { status: 529, usage: 'none' } }]);
  await clock.advance(1);
  expect(await answer).toBe(response);
});

test('the number of attempts is bounded, and the last error says how many there were', async () => {
  const { clock, events, model } = setUp(modelThat(failure(), failure(), failure(), response));
  const answer = model.respond(request, new AbortController().signal).catch((error: unknown) => error);
  await clock.advance(60_000);
  const error = (await answer) as ModelRequestError;
  expect(error.message).toBe('The server is overloaded. Gave up after 3 attempts.');
  expect(events.map(({ delayMs }) => delayMs)).toEqual([500, 1_000]);
});

test('a failure that would repeat itself is not retried', async () => {
  const { events, model } = setUp(modelThat(failure({ retryable: false }), response));
  await expect(model.respond(request, new AbortController().signal)).rejects.toThrow('overloaded');
  expect(events).toEqual([]);
});

test('an abort ends the pause at once', async () => {
  const { clock, model } = setUp(modelThat(failure({ retryAfterMs: 100_000 }), response));
  const controller = new AbortController();
  const answer = model.respond(request, controller.signal).catch((error: unknown) => error);
  await clock.advance(10);
  controller.abort(new Error('stopped by the user'));
  expect(await answer).toMatchObject({ message: 'stopped by the user' });
});
