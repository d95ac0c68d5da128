import { expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { runIn, runNew } from '../testing/live-run.ts';
import { lookupAgent } from '../testing/messages-api/agent.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';

const lookup = ['crm-contact-lookup', '--param', 'contacts=60', '--variants', 'classic', '--trials', '3'];
const asking = (url: string) => ['--model', 'anthropic:claude-sonnet-5', '--set', `provider.baseUrl=${url}`];
const isFirst = (body: Record<string, unknown>) => (body.messages as unknown[]).length === 1;

test('each live trial begins cold: none reads the prompt that another wrote', async () => {
  await using api = await startMessagesApi(lookupAgent);
  const { code, summary } = await runNew([...lookup, ...asking(api.url)]);
  expect(code).toBe(0);
  const first = api.requests.filter(({ body }) => isFirst(body));
  expect(new Set(first.map(({ body }) => JSON.stringify(body.system))).size).toBe(3);
  expect(new Set(first.map(({ body }) => JSON.stringify(body.messages))).size).toBe(1);
  expect(summary?.results[0]?.provider?.caching).toMatchObject({ start: 'cold', foundWarm: 0 });
  // The second request of a trial still reads what its first wrote.
  expect(summary?.results[0]?.tokens.cacheRead).toBeGreaterThan(0);
});

test('with a warm cache trials read what earlier ones wrote, and results say so', async () => {
  await using api = await startMessagesApi(lookupAgent);
  const args = [
    ...lookup,
    '--set',
    'provider.cache=warm',
    '--set',
    'limits.concurrency=1',
    ...asking(api.url),
  ];
  const { summary } = await runNew(args);
  const [result] = summary?.results ?? [];
  expect(result?.provider?.caching).toMatchObject({ start: 'warm', foundWarm: 2 });
  expect(new Set(api.requests.map(({ body }) => JSON.stringify(body.system))).size).toBe(1);
  const { warm, cold } = result?.otherwise?.assumed ?? {};
  const usd = result?.costUsd?.cached ?? 0;
  expect(warm?.costUsd?.cached).toBeLessThan(usd);
  expect(cold?.costUsd?.cached).toBeGreaterThan(usd);
  expect(warm?.costUsd?.cached).toBeGreaterThan(0);
});

test('a recording of cold trials is replayed, since each has the same salt again', async () => {
  const folder = makeFolder({});
  {
    await using api = await startMessagesApi(lookupAgent);
    await runIn(folder, [...lookup, '--cassettes', 'record', ...asking(api.url)], { out: 'live' });
  }
  const replay = [...lookup, '--model', 'anthropic:claude-sonnet-5', '--cassettes', 'strict'];
  const { code, summary } = await runIn(folder, replay, { out: 'replayed', env: { ANTHROPIC_API_KEY: '' } });
  expect(code).toBe(0);
  expect(summary?.results[0]?.provider?.recordings).toMatchObject({ live: 0, unused: 0, diverged: [] });
});
