import { expect, test } from 'vitest';
import type { Model } from '../../meter/model.ts';
import type { ModelRequest, ModelResponse } from '../../results/messages.ts';
import { createManualClock } from '../../testing/messages-api/manual-clock.ts';
import { type Failure, ModelRequestError, parseRetryAfter } from './anthropic-exchange.ts';
import { defaultRetryPolicy, type RetryEvent, retryDelayMs, retrying, sleep, systemClock } from './retry.ts';

test('sleeping takes as long as it says', async () => {
  const clock = createManualClock();
  let awake = false;
  sleep(clock, 100, new AbortController().signal).then(() => {
    awake = true;
  });
  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  await Promise.resolve();
  expect(awake).toBe(true);
});

test('an abort wakes with its reason, also before sleep begins', async () => {
  const controller = new AbortController();
  const asleep = sleep(systemClock, 60_000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(asleep).rejects.toThrow('enough');
  await expect(sleep(systemClock, 60_000, controller.signal)).rejects.toThrow('enough');
});

test('a pause longer than a timer can count is not over at once', async () => {
  let called = false;
  const cancel = systemClock.after(2 ** 40, () => {
    called = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  cancel();
  expect(called).toBe(false);
});

const now = Date.parse('2026-11-22T12:00:00Z');
const parse = (headers: Record<string, string>) => parseRetryAfter(new Headers(headers), now);

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:59:00 GMT' }, 0],
  [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
  [{ 'retry-after': 'soon 5' }, null],
  [{ 'retry-after': '-3' }, null],
  [{ 'retry-after': '' }, null],
  [{}, null],
])('%j asks for a pause of %s ms', (headers, expected) => {
  expect(parse(headers)).toBe(expected);
});

test('a pause that a server asks for is never undercut', () => {
  expect(retryDelayMs(1, 7_000, defaultRetryPolicy, () => 0)).toBe(7_000);
  expect(retryDelayMs(1, 7_000, defaultRetryPolicy, () => 0.999)).toBeLessThanOrEqual(7_700);
});

test('a server that asks for a second again and again is given more each time', () => {
  const pauses = [1, 3, 6].map((failures) => retryDelayMs(failures, 1_000, defaultRetryPolicy, () => 0));
  expect(pauses).toEqual([1_000, 2_000, 15_000]);
});

test('a pause that a server asks for is capped', () => {
  expect(retryDelayMs(1, 86_400_000, defaultRetryPolicy, () => 0)).toBe(120_000);
});

test('without a header pauses double, between half and all of the step, up to the cap', () => {
  const shortest = [1, 2, 3, 9].map((failures) => retryDelayMs(failures, null, defaultRetryPolicy, () => 0));
  expect(shortest).toEqual([500, 1_000, 2_000, 15_000]);
  expect(retryDelayMs(2, null, defaultRetryPolicy, () => 0.999_999)).toBe(2_000);
});

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
