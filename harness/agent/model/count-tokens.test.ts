import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startMessagesApi } from '../../testing/messages-api/server.ts';
import { createProviderCounter } from './anthropic.ts';

const { signal } = new AbortController();

/** Pauses are over at once; `waits` has how long each should have taken. */
const counterAt = (baseURL: string, waits: number[] = []) =>
  createProviderCounter({
    ...{ model: 'claude-sonnet-5', apiKey: 'key', baseURL },
    async wait(ms) {
      waits.push(ms);
      await setImmediate();
    },
  });

/** Tokens by the rule of the loopback server: those of the message beyond one of a single letter. */
const expected = (text: string) => {
  const tokens = (content: string) => Math.ceil(JSON.stringify({ type: 'text', text: content }).length / 4);
  return tokens(text) - tokens('a') + 1;
};

describe('the counting endpoint of a provider', () => {
  test('counts each text without the frame of its message', async () => {
    await using api = await startMessagesApi([]);
    const texts = ['a', 'one two three', 'x'.repeat(400)];
    expect(await counterAt(api.url).count(texts, signal)).toEqual(texts.map(expected));
    expect(api.counted[0]).toEqual({
      model: 'claude-sonnet-5',
      messages: [{ role: 'user', content: 'a' }],
    });
    expect(api.counted).toHaveLength(4);
  });

  test('is asked for the frame once', async () => {
    await using api = await startMessagesApi([]);
    const counter = counterAt(api.url);
    await counter.count(['b'], signal);
    await counter.count(['c'], signal);
    expect(api.counted).toHaveLength(3);
  });

  test('paces by its rate limit: what was refused is asked again after the pause that it names', async () => {
    await using api = await startMessagesApi([], { countsInARow: 3 });
    const waits: number[] = [];
    const texts = Array.from({ length: 20 }, (_, index) => 'x'.repeat(10 * index + 1));
    expect(await counterAt(api.url, waits).count(texts, signal)).toEqual(texts.map(expected));
    expect(waits.length).toBeGreaterThan(4);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1000);
  });

  test('is not asked for what it would not take: white space, and what it refuses stays unknown', async () => {
    await using api = await startMessagesApi([]);
    const counts = await counterAt(api.url).count(['word', ' \n\t'], signal);
    expect(counts).toEqual([expected('word'), undefined]);
    expect(api.counted).toHaveLength(2);
  });

  test('that does not accept the key ends it, and says which variable to set', async () => {
    await using api = await startMessagesApi([], { apiKey: 'another' });
    await expect(counterAt(api.url).count(['x'], signal)).rejects.toThrow('Set ANTHROPIC_API_KEY');
  });

  test('refuses tools that the provider runs itself and what it would have to fetch, as the real one does', async () => {
    await using api = await startMessagesApi([]);
    const ask = async (body: object) => {
      const response = await fetch(`${api.url}/v1/messages/count_tokens`, {
        method: 'POST',
        headers: { 'x-api-key': 'key', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({
          model: 'claude-sonnet-5',
          messages: [{ role: 'user', content: 'Hi' }],
          ...body,
        }),
      });
      return [response.status, await response.text()] as const;
    };
    expect((await ask({}))[0]).toBe(200);
    const [status, text] = await ask({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] });
    expect([status, text]).toEqual([400, expect.stringContaining('Server tools are not supported')]);
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/x.png' } };
    expect((await ask({ messages: [{ role: 'user', content: [image] }] }))[0]).toBe(400);
    expect((await ask({ max_tokens: 10 }))[1]).toContain('Extra inputs are not permitted');
    expect(api.takeViolations()).toHaveLength(3);
  });
});
