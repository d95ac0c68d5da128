import { expect, test } from 'vitest';
import type { ModelRequest, ModelResponse } from '../../results/messages.ts';
import { ProviderWatch, respondingModelDiffers } from './provider-watch.ts';

test.each([
  ['claude-sonnet-5', 'claude-sonnet-5', false],
  ['claude-haiku-4-5', 'claude-haiku-4-5-20251001', false],
  ['claude-sonnet-4-6-latest', 'claude-sonnet-4-6-20260217', false],
  ['claude-haiku-4-5-20251001', 'claude-haiku-4-5', true],
  ['claude-haiku-4-5-20251001', 'claude-haiku-4-5-20260101', true],
  ['claude-opus-5', 'claude-opus-5-5', true],
  ['claude-opus-5', 'claude-opus-5-fast', true],
  ['claude-opus-5', '', true],
])('asked for %s, answered by %s: differs is %s', (requested, responding, differs) => {
  expect(respondingModelDiffers(requested, responding)).toBe(differs);
});

test.each([
  ['max_tokens', { max_tokens: 1 }],
  ['constructor', {}],
  ['toString', {}],
])('an answer that stopped for %s leaves the causes %o', async (reason, causes) => {
  const watch = new ProviderWatch(1);
  const answer = { model: 'm', content: [], stop_reason: reason, usage: null } as unknown as ModelResponse;
  const model = watch.watch(
    () => ({ roundTrip: 1, inputTokens: 1 }),
    1_000,
  )({
    id: 'm',
    evidence: 'live',
    respond: async () => answer,
    close: async () => {},
  });
  await model.respond(
    { model: 'm', max_tokens: 1, messages: [] } as ModelRequest,
    new AbortController().signal,
  );
  const { provider } = watch.finish(undefined, { asked: false, warm: false }, undefined, 0);
  expect(provider.causes).toEqual(causes);
});
