import { describe, expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { runIn } from '../testing/live-run.ts';
import { answer, type Reply, refusal, toolUse, tooManyRequests } from '../testing/messages-api/reply.ts';
import { type ReceivedRequest, startMessagesApi } from '../testing/messages-api/server.ts';
import { pingScenario } from '../testing/scenario-files.ts';

const asking = (url: string) => ['--model', 'anthropic:claude-sonnet-5', '--set', `provider.baseUrl=${url}`];

describe('what goes wrong with a model has a defined outcome', () => {
  /** One classic trial of `ping` against these replies, or an agent that errs. */
  async function tryPing(
    script: Reply[] | ((request: ReceivedRequest, index: number) => Reply),
    more: string[] = [],
  ) {
    await using api = await startMessagesApi(script);
    const folder = makeFolder(pingScenario());
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
    const { result, requests, code } = await tryPing(never, ['--set', 'limits.roundTrips=4']);
    expect(result).toMatchObject({ status: 'limit_reached', roundTrips: 4, correct: 0 });
    expect(result?.provider?.causes).toEqual({ never_answered: 1 });
    expect([code, requests]).toEqual([0, 4]);
  });

  test('a server that never answers ends with the trial’s time', async () => {
    const { result, code } = await tryPing([{ silent: true }], ['--timeout', '2s']);
    expect(result).toMatchObject({ status: 'limit_reached', reason: 'A limit was reached: 2.0 s.' });
    expect(code).toBe(0);
  });

  test('a trial ends when its tokens are used up', async () => {
    const { result, requests } = await tryPing([ping], ['--set', 'limits.tokens=10']);
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
    const { result, code, requests } = await tryPing(
      () => refusal(500, 'Internal'),
      ['--set', 'provider.retries=0'],
    );
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
      const run = await runIn(makeFolder(pingScenario()), [
        './ping',
        '--set',
        'limits.concurrency=1',
        ...asking(api.url),
      ]);
      expect(run.code).toBe(3);
      expect(api.requests).toHaveLength(1);
      expect(run.summary).toMatchObject({ status: 'partial', results: [] });
      expect(run.stderr).toMatch(/credit|did not accept the API key/);
      expect(run.stderr).toContain('--resume');
    }
  });
});
