import { afterEach, expect, test, vi } from 'vitest';
import type { Model } from '../../meter/model.ts';
import type { ModelRequest, ModelResponse } from '../../results/messages.ts';
import { type Failure, ModelRequestError, parseRetryAfter } from './anthropic-exchange.ts';
import { type RetryEvent, retryDelayMs, retrying } from './retry.ts';

afterEach(() => {
  vi.useRealTimers();
});

const now = Date.parse('2026-11-22T12:00:00Z');
const parse = (headers: Record<string, string>) => parseRetryAfter(new Headers(headers));

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
  vi.useFakeTimers({ now, toFake: ['Date'] });
  expect(parse(headers)).toBe(expected);
});

test('a pause that a server asks for is never undercut', () => {
  expect(retryDelayMs(1, 7_000, () => 0)).toBe(7_000);
  expect(retryDelayMs(1, 7_000, () => 0.999)).toBeLessThanOrEqual(7_700);
});

test('a server that asks for a second again and again is given more each time', () => {
  const pauses = [1, 3, 6].map((failures) => retryDelayMs(failures, 1_000, () => 0));
  expect(pauses).toEqual([1_000, 2_000, 15_000]);
});

test('a pause that a server asks for is capped', () => {
  expect(retryDelayMs(1, 86_400_000, () => 0)).toBe(120_000);
});

test('without a header pauses double, between half and all of the step, up to the cap', () => {
  const shortest = [1, 2, 3, 9].map((failures) => retryDelayMs(failures, null, () => 0));
  expect(shortest).toEqual([500, 1_000, 2_000, 15_000]);
  expect(retryDelayMs(2, null, () => 0.999_999)).toBe(2_000);
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

/** Pauses are over at once; `waits` has how long each should have taken. */
function setUp(model: Model) {
  const waits: number[] = [];
  const events: RetryEvent[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  const retry = retrying({ maxRetries: 2, onRetry: (event) => events.push(event), wait });
  return { waits, events, model: retry(model) };
}

const never = new AbortController().signal;

test('a passing failure is retried after its pause and the answer is returned', async () => {
  const { waits, events, model } = setUp(modelThat(failure({ retryAfterMs: 7_000 }), response));
  expect(await model.respond(request, never)).toBe(response);
  expect(events).toMatchObject([{ attempt: 1, delayMs: waits[0], failure: { status: 529, usage: 'none' } }]);
  expect(waits[0]).toBeGreaterThanOrEqual(7_000);
});

test('the number of attempts is bounded, and the last error says how many there were', async () => {
  const { waits, model } = setUp(modelThat(failure(), failure(), failure(), response));
  const error = await model.respond(request, never).catch((error: unknown) => error);
  expect(String(error)).toContain('The server is overloaded. Gave up after 3 attempts.');
  expect(waits).toHaveLength(2);
  expect(waits[1]).toBeGreaterThanOrEqual(1_000);
});

test('a failure that would repeat itself is not retried', async () => {
  const { events, model } = setUp(modelThat(failure({ retryable: false }), response));
  await expect(model.respond(request, never)).rejects.toThrow('overloaded');
  expect(events).toEqual([]);
});

test('an abort ends the pause at once, with its reason', async () => {
  const model = retrying({})(modelThat(failure({ retryAfterMs: 100_000 }), response));
  const controller = new AbortController();
  const asked = model.respond(request, controller.signal);
  setTimeout(() => controller.abort(new Error('stopped by the user')), 5);
  await expect(asked).rejects.toThrow('stopped by the user');
});
