import { expect, test } from 'vitest';
import type { ModelRequest, ModelResponse } from '../results/messages.ts';
import { findModel } from './catalogue.ts';
import { findLatencyProfile } from './latency.ts';
import { Meter } from './meter.ts';
import type { Model } from './model.ts';
import { exactly } from './token-counter.ts';

/** Asks for one call after a text of so many characters, each a token, then answers; gives what the meter then says. */
async function read(characters: number, waitedMs = 0) {
  const meter = new Meter({
    model: findModel('claude-sonnet-5'),
    counter: {
      method: 'characters',
      count: (text) => text.length,
      measure: (text) => exactly(text.length),
    },
    profile: findLatencyProfile('default'),
    toolCategories: {},
  });
  const call = { type: 'tool_use', id: 'a', name: 'get', input: {} };
  const answers = [[{ type: 'text', text: 'x'.repeat(characters) }, call], [{ type: 'text', text: 'done' }]];
  const model: Model = {
    id: 'claude-sonnet-5',
    evidence: 'scripted',
    close: async () => undefined,
    respond: async () => ({ content: answers.shift(), usage: null }) as unknown as ModelResponse,
  };
  const metered = meter.middleware(model);
  const { signal } = new AbortController();
  const messages: ModelRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text: 'go' }] }];
  await metered.respond({ model: model.id, max_tokens: 1, messages }, signal);
  meter.waited(waitedMs);
  messages.push({ role: 'assistant', content: [] });
  messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }] });
  await metered.respond({ model: model.id, max_tokens: 1, messages }, signal);
  return meter.reading();
}

test('more modelled time between two requests than the cache keeps an entry is told', async () => {
  // 75 tokens a second: 22,500 take 300 s, and the overhead is 0.8 s.
  expect((await read(22_600)).cacheGapMs).toBeGreaterThan(300_000);
  expect((await read(22_000)).cacheGapMs).toBeUndefined();
  // Somebody who is asked between the two lets time pass, too; it is none of the model's.
  const waited = await read(22_000, 10_000);
  expect(waited.cacheGapMs).toBeGreaterThan(300_000);
  expect(waited.modelledMs).toBe((await read(22_000)).modelledMs);
});
