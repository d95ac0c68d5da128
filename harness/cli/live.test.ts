import { describe, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { allText, runIn, runNew, testKey } from '../testing/live-run.ts';
import { lookupAgent, toolAgent } from '../testing/messages-api/agent.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';
import { pingScenario } from '../testing/scenario-files.ts';

const lookup = ['crm-contact-lookup', '--param', 'contacts=60'];
const asking = (url: string) => ['--model', 'anthropic:claude-sonnet-5', '--set', `provider.baseUrl=${url}`];

describe('a live model', () => {
  test('drives both patterns, and its usage is the bill', async () => {
    await using api = await startMessagesApi(lookupAgent, { apiKey: testKey });
    const { code, stderr, summary, folder } = await runNew([...lookup, ...asking(api.url)]);
    expect(code).toBe(0);
    expect(summary?.evidence).toBe('live');
    expect(summary?.results.map(({ variant, correct }) => [variant, correct])).toEqual([
      ['classic', 1],
      ['code', 1],
    ]);
    for (const { ledger, remainder, tokens, latencyMs, provider } of summary?.results ?? []) {
      const rows = ledger.reduce((sum, row) => sum + row.tokens, 0);
      expect(remainder).not.toBe(0);
      expect(rows + (remainder ?? 0)).toBe(tokens.billed);
      expect(tokens.cacheRead).toBeGreaterThan(0);
      expect(latencyMs.measuredModel).toBeGreaterThan(0);
      expect(provider).toMatchObject({
        usage: { missing: 0 },
        caching: { asked: true, observed: true },
        causes: {},
        origins: [api.url],
      });
    }
    // One trial each supports no recommendation.
    expect(summary?.verdicts[0]?.pattern).toBe('insufficient');
    expect(api.requests).toHaveLength(5);
    expect(allText(folder) + stderr).not.toContain(testKey);
  });

  test('caches nothing with --no-cache, which usage confirms, and thinks as it is told', async () => {
    await using api = await startMessagesApi(lookupAgent);
    const args = [
      ...lookup,
      '--variants',
      'classic',
      '--set',
      'provider.cache=off',
      '--set',
      'provider.thinking=adaptive',
      ...asking(api.url),
    ];
    const { summary } = await runNew(args);
    expect(JSON.stringify(api.requests.map(({ body }) => body))).not.toContain('cache_control');
    expect(api.requests.every(({ body }) => JSON.stringify(body.thinking) === '{"type":"adaptive"}')).toBe(
      true,
    );
    expect(summary?.results[0]?.provider?.caching).toMatchObject({ asked: false, observed: false });
    expect(summary?.results[0]?.costUsd?.cached).toBe(summary?.results[0]?.costUsd?.uncached);
  });

  test('repeats trials in pairs, each with the same task, and says what so many can show', async () => {
    await using api = await startMessagesApi(lookupAgent);
    const args = [...lookup, '--trials', '3', '--set', 'limits.concurrency=3', ...asking(api.url)];
    const { code, summary } = await runNew(args);
    expect(code).toBe(0);
    expect(summary?.results.map(({ trials, correct }) => [trials, correct])).toEqual([
      [3, 1],
      [3, 1],
    ]);
    const tasks = new Set(
      api.requests.map(({ body }) => JSON.stringify((body.messages as unknown[])[0]).length),
    );
    expect(tasks.size).toBeLessThanOrEqual(2);
    expect(summary?.results[0]?.statistics).toMatchObject({ n: 3, enough: { status: 'insufficient' } });
    expect(summary?.comparisons?.[0]).toMatchObject({ variant: 'code', reference: 'classic' });
    expect(summary?.comparisons?.[0]?.basis).toBe('sampled');
  });

  test('that is not in the catalogue is unpriced', async () => {
    await using api = await startMessagesApi(lookupAgent);
    const args = [
      ...lookup,
      '--variants',
      'code',
      '--model',
      'anthropic:some-local-model',
      '--set',
      `provider.baseUrl=${api.url}`,
    ];
    const { code, summary } = await runNew(args);
    expect(code).toBe(0);
    expect(summary?.results[0]).toMatchObject({ correct: 1, costUsd: null, unpriced: true });
  });
});

describe('what a run may cost', () => {
  test('is kept to, and a higher budget goes on where it ended', async () => {
    await using api = await startMessagesApi(toolAgent('ping'));
    const folder = makeFolder(pingScenario());
    const first = await runIn(folder, [
      './ping',
      '--trials',
      '3',
      '--set',
      'limits.concurrency=1',
      '--max-cost',
      '0.003',
      ...asking(api.url),
    ]);
    expect(first.code).toBe(3);
    expect(first.stderr).toContain('The budget of $0.00300 is used up');
    expect(first.summary?.status).toBe('partial');
    const before = first.summary?.results.reduce((sum, { trials }) => sum + trials, 0) ?? 0;
    expect(before).toBeGreaterThan(0);
    const second = await runIn(folder, ['--resume', 'out', '--max-cost', '1']);
    expect(second.code).toBe(0);
    expect(second.stderr).toContain(`Resumed: ${before} of 6`);
    expect(second.summary).toMatchObject({ status: 'complete', planned: 6 });
    expect(second.summary?.results.map(({ trials, correct }) => [trials, correct])).toEqual([
      [3, 1],
      [3, 1],
    ]);
  });

  test('is told beforehand without asking any model', async () => {
    await using api = await startMessagesApi([]);
    const args = ['run', ...lookup, '--trials', '4', '--dry-run', '--json', ...asking(api.url)];
    const { code, stdout } = await patternbench(args, { env: { ANTHROPIC_API_KEY: testKey, CI: '' } });
    expect(code).toBe(0);
    const dry = JSON.parse(stdout);
    expect(dry).toMatchObject({ trials: 8, atLeast: { requests: 4 * (2 + 4) } });
    expect(dry.schedules).toEqual({ serverStarts: 1, calls: 1 });
    expect(dry.atLeast.costUsd).toBeGreaterThan(0);
    expect(api.requests).toHaveLength(0);
  });
});
