import { describe, expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { allText, runIn, runNew, testKey } from '../testing/live-run.ts';
import { lookupAgent, toolAgent } from '../testing/messages-api/agent.ts';
import { answer, type Reply, refusal, toolUse, tooManyRequests } from '../testing/messages-api/reply.ts';
import { type ReceivedRequest, startMessagesApi } from '../testing/messages-api/server.ts';
import { scenarioFiles } from '../testing/scenario-files.ts';

const lookup = ['crm-contact-lookup', '--param', 'contacts=60'];
const asking = (url: string) => ['--model', 'anthropic:claude-sonnet-5', '--base-url', url];
const pingFolder = (fault = 'none') =>
  makeFolder(
    Object.fromEntries(
      Object.entries(scenarioFiles({ body: 'return mcp.server.ping({});', fault })).map(([path, text]) => [
        `ping/${path}`,
        text,
      ]),
    ),
  );

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

  test('caches nothing with --no-cache, which usage confirms', async () => {
    await using api = await startMessagesApi(lookupAgent);
    const args = [...lookup, '--variants', 'classic', '--no-cache', ...asking(api.url)];
    const { summary } = await runNew(args);
    expect(JSON.stringify(api.requests.map(({ body }) => body))).not.toContain('cache_control');
    expect(summary?.results[0]?.provider?.caching).toEqual({ asked: false, observed: false });
    expect(summary?.results[0]?.costUsd?.cached).toBe(summary?.results[0]?.costUsd?.uncached);
  });

  test('repeats trials in pairs, each with the same task, and says what so many can show', async () => {
    await using api = await startMessagesApi(lookupAgent);
    const args = [...lookup, '--trials', '3', '--concurrency', '3', ...asking(api.url)];
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
    expect(summary?.comparisons?.[0]).toMatchObject({ variant: 'code', reference: 'classic', pairs: 3 });
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
      '--base-url',
      api.url,
    ];
    const { code, summary } = await runNew(args);
    expect(code).toBe(0);
    expect(summary?.results[0]).toMatchObject({ correct: 1, costUsd: null, unpriced: true });
  });
});

describe('what goes wrong with a model has a defined outcome', () => {
  /** One classic trial of `ping` against these replies, or an agent that errs. */
  async function tryPing(
    script: Reply[] | ((request: ReceivedRequest, index: number) => Reply),
    more: string[] = [],
  ) {
    await using api = await startMessagesApi(script);
    const folder = pingFolder();
    const args = ['./ping', '--variants', 'classic', ...asking(api.url), ...more];
    const run = await runIn(folder, args);
    return { ...run, result: run.summary?.results[0], requests: api.requests.length };
  }
  const ping = answer([toolUse('toolu_1', 'server__ping')]);
  const pong = answer(['"pong"']);

  test.each<[string, Reply[], object, object]>([
    [
      'a refusal is an answer that is not there',
      [answer(['I cannot help with that.'], { stopReason: 'refusal' })],
      { status: 'model_stopped', correct: 0 },
      { refusal: 1 },
    ],
    [
      'an answer that is cut at its limit of tokens',
      [answer(['"po'], { stopReason: 'max_tokens' })],
      { status: 'limit_reached', correct: 0 },
      { max_tokens: 1 },
    ],
    [
      'an answer that is cut by the window',
      [ping, answer(['"po'], { stopReason: 'model_context_window_exceeded' })],
      { status: 'limit_reached', correct: 0 },
      { window_stop: 1 },
    ],
    [
      'a prompt that the provider refuses as too long',
      [ping, refusal(400, 'prompt is too long: 1200000 tokens > 1000000 maximum')],
      { status: 'context_overflow', correct: 0 },
      { prompt_too_long: 1 },
    ],
    ['no use of any tool', [answer(['"pang"'])], { status: 'completed', correct: 0 }, { no_tool_use: 1 }],
    ['no words at all', [ping, answer([''])], { status: 'completed', correct: 0 }, { empty_answer: 1 }],
    [
      'another model that answers',
      [ping, answer(['"pong"'], { model: 'claude-haiku-4-5' })],
      { status: 'infrastructure_error', correct: null },
      { other_model: 1 },
    ],
  ])('%s', async (_, script, result, causes) => {
    const run = await tryPing(script);
    expect(run.result).toMatchObject(result);
    expect(run.result?.provider?.causes).toEqual(causes);
    expect(run.code).toBe(run.result?.status === 'infrastructure_error' ? 3 : 0);
  });

  test('a model that never answers ends after its round trips', async () => {
    const never = ({ body }: ReceivedRequest) =>
      answer([toolUse(`toolu_${(body.messages as unknown[]).length}`, 'server__ping')]);
    const { result, requests, code } = await tryPing(never, ['--max-round-trips', '4']);
    expect(result).toMatchObject({ status: 'limit_reached', roundTrips: 4, correct: 0 });
    expect(result?.provider?.causes).toEqual({ never_answered: 1 });
    expect([code, requests]).toEqual([0, 4]);
  });

  test('a server that never answers ends with the trial’s time', async () => {
    const { result, code } = await tryPing([{ silent: true }], ['--timeout', '2']);
    expect(result).toMatchObject({ status: 'limit_reached', reason: 'A limit was reached: 2 seconds.' });
    expect(code).toBe(0);
  });

  test('a trial ends when its tokens are used up', async () => {
    const { result, requests } = await tryPing([ping], ['--max-tokens', '10']);
    expect(result).toMatchObject({ status: 'limit_reached', correct: 0 });
    expect(requests).toBe(1);
  });

  test('failures that pass are retried, counted and kept out of the bill', async () => {
    const soon = { 'retry-after-ms': '5' };
    const { result, code } = await tryPing([
      tooManyRequests(soon),
      refusal(529, 'Overloaded', { headers: soon }),
      ping,
      refusal(500, 'Internal', { headers: soon }),
      pong,
    ]);
    expect(code).toBe(0);
    expect(result).toMatchObject({ correct: 1, roundTrips: 2 });
    expect(result?.provider?.retries).toEqual({
      attempts: 3,
      possiblyBilled: 0,
      kinds: { overloaded: 1, rate_limit: 1, server: 1 },
    });
  });

  test('a stream that breaks off may have been billed, and that is said', async () => {
    const { result } = await tryPing([
      answer([toolUse('toolu_1', 'server__ping')], { fault: { kind: 'cut', afterEvents: 2 } }),
      ping,
      pong,
    ]);
    expect(result).toMatchObject({ correct: 1 });
    expect(result?.provider?.retries).toMatchObject({ attempts: 1, possiblyBilled: 1, kinds: { cut: 1 } });
  });

  test('a provider that keeps failing is infrastructure, never a wrong answer', async () => {
    const { result, code, requests } = await tryPing(() => refusal(500, 'Internal'), ['--max-retries', '0']);
    expect(result).toMatchObject({ status: 'infrastructure_error', correct: null });
    expect([code, requests]).toEqual([3, 1]);
  });

  test('usage that is missing is flagged and estimated, never 0', async () => {
    const { result } = await tryPing([ping, answer(['"pong"'], { usage: null })]);
    expect(result?.provider?.usage).toEqual({ counted: 1, missing: 1 });
    expect(result?.tokens.billed).toBeGreaterThan(0);
    const rows = result?.ledger.reduce((sum, row) => sum + row.tokens, 0) ?? 0;
    expect(rows + (result?.remainder ?? 0)).toBe(result?.tokens.billed);
  });

  test('an account without credit, or a wrong key, ends the run at once, and it can be resumed', async () => {
    for (const reply of [refusal(402, 'Your credit balance is too low'), refusal(401, 'invalid x-api-key')]) {
      await using api = await startMessagesApi(() => reply);
      const run = await runIn(pingFolder(), ['./ping', '--concurrency', '1', ...asking(api.url)]);
      expect(run.code).toBe(3);
      expect(api.requests).toHaveLength(1);
      expect(run.summary).toMatchObject({ status: 'partial', results: [] });
      expect(run.stderr).toMatch(/credit|did not accept the API key/);
      expect(run.stderr).toContain('--resume');
    }
  });
});

describe('what a run may cost', () => {
  test('is kept to, and a higher budget goes on where it ended', async () => {
    await using api = await startMessagesApi(toolAgent('ping'));
    const folder = pingFolder();
    const first = await runIn(folder, [
      './ping',
      '--trials',
      '3',
      '--concurrency',
      '1',
      '--max-cost',
      '0.003',
      ...asking(api.url),
    ]);
    expect(first.code).toBe(3);
    expect(first.stderr).toContain('The budget of $0.003 is used up');
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
    const { patternbench } = await import('../testing/command-line.ts');
    const { code, stdout } = await patternbench(args, { env: { ANTHROPIC_API_KEY: testKey, CI: '' } });
    expect(code).toBe(0);
    const dry = JSON.parse(stdout);
    expect(dry).toMatchObject({ trials: 8, atLeast: { requests: 4 * (2 + 4) } });
    expect(dry.atLeast.costUsd).toBeGreaterThan(0);
    expect(api.requests).toHaveLength(0);
  });
});

describe('options that could do nothing are refused', () => {
  test.each([
    ['a base URL of a scripted model', ['--base-url', 'http://127.0.0.1:1'], '--base-url'],
    ['recordings of a scripted model', ['--cassettes', 'auto'], '--cassettes'],
    ['a margin on single trials', ['--margin', '0.2'], '--margin'],
    ['force without resume', ['--force'], '--force'],
    ['a live model without a key', ['--model', 'anthropic:claude-sonnet-5'], 'ANTHROPIC_API_KEY'],
    ['an unknown live model', ['--model', 'anthropic:claude-sonet-5'], 'claude-sonnet-5'],
    [
      'mistakes of a live model',
      ['--model', 'anthropic:claude-sonnet-5', '--imperfections', 'repeated-call=1'],
      '--imperfections',
    ],
    ['an unknown mistake', ['--imperfections', 'failed-progam=1'], 'failed-program'],
  ])('%s', async (_, args, words) => {
    const { code, stderr } = await runNew([...lookup, ...args], { ANTHROPIC_API_KEY: '' });
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });

  test('headers that the SDK would add by itself', async () => {
    const { code, stderr } = await runNew([...lookup, '--model', 'anthropic:claude-sonnet-5'], {
      ANTHROPIC_CUSTOM_HEADERS: 'x-extra: 1',
    });
    expect(stderr).toContain('ANTHROPIC_CUSTOM_HEADERS');
    expect(code).toBe(2);
  });
});
