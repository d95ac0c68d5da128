import { expect, test } from 'vitest';
import type { ModelRequest, ModelResponse } from '../results/messages.ts';
import { createManualClock } from '../testing/messages-api/manual-clock.ts';
import { answer, refusal } from '../testing/messages-api/reply.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';
import { createAnthropicModel } from './anthropic.ts';
import { type Failure, ModelRequestError } from './anthropic-errors.ts';
import type { Model } from './model.ts';
import { createPacer } from './pace.ts';

const request = (model: string): ModelRequest => ({
  model,
  max_tokens: 1,
  messages: [{ role: 'user', content: 'Go.' }],
});
const never = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** A model whose answers are given by hand. */
function heldModel(id = 'm') {
  const held: PromiseWithResolvers<ModelResponse>[] = [];
  const model: Model = {
    id,
    evidence: 'live',
    close: async () => {},
    respond() {
      const answer = Promise.withResolvers<ModelResponse>();
      held.push(answer);
      return answer.promise;
    },
  };
  return { model, held };
}

function throttled(retryAfterMs: number | null): ModelRequestError {
  const failure: Failure = {
    kind: 'rate_limit',
    status: 429,
    requestId: null,
    retryable: true,
    retryAfterMs,
    usage: 'none',
  };
  return new ModelRequestError('Rate limit.', failure);
}

const response = {} as ModelResponse;

test('trials that share a pacer share its limit', async () => {
  const { model, held } = heldModel();
  const pacer = createPacer({ initial: 2, max: 2 }, createManualClock());
  const trials = Array.from({ length: 5 }, () => pacer(model).respond(request('m'), never));
  await tick();
  expect(held).toHaveLength(2);
  held[0]?.resolve(response);
  await trials[0];
  await tick();
  expect(held).toHaveLength(3);
});

test('each model has a limit of its own', async () => {
  const { model, held } = heldModel();
  const paced = createPacer({ initial: 1, max: 1 }, createManualClock())(model);
  paced.respond(request('a'), never);
  paced.respond(request('a'), never);
  paced.respond(request('b'), never);
  await tick();
  expect(held).toHaveLength(2);
});

test('after a refusal all trials wait as long as the header says, then at half the rate', async () => {
  const { model, held } = heldModel();
  const clock = createManualClock();
  const paced = createPacer({ initial: 4, max: 8 }, clock)(model);
  await clock.advance(10);
  const trials = Array.from({ length: 8 }, () =>
    paced.respond(request('m'), never).catch((error: unknown) => error),
  );
  await tick();
  await clock.advance(10);
  for (const one of held.slice(0, 4)) one.reject(throttled(7_000));
  expect(await trials[0]).toBeInstanceOf(ModelRequestError);
  await clock.advance(6_999);
  expect(held).toHaveLength(4);
  await clock.advance(1);
  await tick();
  expect(held).toHaveLength(6);
});

test('a trial that is aborted while it waits leaves the queue', async () => {
  const { model, held } = heldModel();
  const paced = createPacer({ initial: 1, max: 1 }, createManualClock())(model);
  paced.respond(request('m'), never);
  const controller = new AbortController();
  const waiting = paced.respond(request('m'), controller.signal);
  const last = paced.respond(request('m'), never);
  controller.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  held[0]?.resolve(response);
  await tick();
  held[1]?.resolve(response);
  expect(await last).toBe(response);
});

test('around a real client, a refused attempt gives its place back while it waits for its retry', async () => {
  await using api = await startMessagesApi([refusal(529, 'Overloaded'), answer(['Two.']), answer(['One.'])]);
  const model = createAnthropicModel({
    model: 'claude-sonnet-5',
    apiKey: 'test-key',
    baseURL: api.url,
    pace: createPacer({ initial: 1, max: 4 }),
    retry: { baseMs: 150, maxMs: 150 },
  });
  const ask = (content: string) =>
    model.respond({ ...request('claude-sonnet-5'), messages: [{ role: 'user', content }] }, never);
  const both = await Promise.all([ask('one'), ask('two')]);
  expect(both.map(({ content }) => content)).toMatchObject([[{ text: 'One.' }], [{ text: 'Two.' }]]);
  const order = api.requests.map(({ body }) => (body.messages as { content: string }[])[0]?.content);
  expect(order).toEqual(['one', 'two', 'one']);
});
