import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { allText, runIn, testKey } from '../testing/live-run.ts';
import { lookupAgent, toolAgent } from '../testing/messages-api/agent.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';
import { scenarioFiles } from '../testing/scenario-files.ts';

const lookup = ['crm-contact-lookup', '--param', 'contacts=60', '--model', 'anthropic:claude-sonnet-5'];
const noKey = { ANTHROPIC_API_KEY: '' };

/** A scenario folder whose tool `fail` answers with the fault. */
function failFolder(fault: string): Record<string, string> {
  const files = scenarioFiles({ body: 'return mcp.server.fail({});', fault, truth: 'the record is locked' });
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`scene/${path}`, text]));
}

describe('recordings', () => {
  test('replay in CI by default, with no key and no network, to the same bill without a latency', async () => {
    const folder = makeFolder({});
    let origin = '';
    let live: Awaited<ReturnType<typeof runIn>>;
    {
      await using api = await startMessagesApi(lookupAgent, { apiKey: testKey });
      origin = api.url;
      const args = [
        ...lookup,
        '--set',
        `provider.baseUrl=${api.url}`,
        '--cassettes',
        'record',
        '--trials',
        '2',
      ];
      live = await runIn(folder, [...args, '--set', 'limits.concurrency=2'], { out: 'live' });
      expect(live.code).toBe(0);
      expect(live.summary?.evidence).toBe('live');
    }
    const files = readdirSync(join(folder, 'cassettes/crm-contact-lookup')).sort();
    expect(files.map((name) => name.replace(/[0-9a-f]{8}(?=\.jsonl)/, '#'))).toEqual([
      'classic.claude-sonnet-5.#.jsonl',
      'code.claude-sonnet-5.#.jsonl',
    ]);
    expect(allText(join(folder, 'cassettes'))).not.toContain(testKey);
    const replayed = await runIn(folder, [...lookup, '--trials', '2'], {
      out: 'replayed',
      env: { ...noKey, CI: 'true' },
    });
    expect(replayed.code).toBe(0);
    expect(replayed.summary?.evidence).toBe('replayed');
    for (const [index, result] of (replayed.summary?.results ?? []).entries()) {
      const before = live.summary?.results[index];
      expect(result).toMatchObject({ evidence: 'replayed', trials: 2, correct: 1, tokens: before?.tokens });
      expect(result.costUsd).toEqual(before?.costUsd);
      expect(result.latencyMs.measuredModel).toBeUndefined();
      expect(result.provider).toMatchObject({
        origins: [origin],
        recordings: { live: 0, unused: 0, diverged: [] },
      });
    }
    const fewer = await runIn(folder, lookup, { out: 'fewer', env: { ...noKey, CI: 'true' } });
    expect(fewer.code).toBe(0);
    expect(fewer.stderr).toContain('recorded exchanges of repeats that this run does not have: 2');
  });

  test('show in auto what was replayed and what was asked, and keep the two apart', async () => {
    await using api = await startMessagesApi(lookupAgent);
    const folder = makeFolder({});
    const args = [
      ...lookup,
      '--variants',
      'classic',
      '--set',
      `provider.baseUrl=${api.url}`,
      '--cassettes',
      'auto',
    ];
    const first = await runIn(folder, args, { out: 'first' });
    expect(first.summary?.results[0]?.provider?.recordings).toMatchObject({ replayed: 0, live: 2 });
    const second = await runIn(folder, [...args, '--trials', '2'], { out: 'second' });
    expect(second.summary?.results.map(({ evidence, trials }) => [evidence, trials])).toEqual([
      ['replayed', 1],
      ['live', 1],
    ]);
    expect(api.requests).toHaveLength(4);
  });

  test('that miss are infrastructure, with what is nearest', async () => {
    const { code, summary } = await runIn(makeFolder({}), [...lookup, '--cassettes', 'strict'], {
      env: noKey,
    });
    expect(code).toBe(3);
    expect(summary?.results[0]).toMatchObject({ status: 'infrastructure_error', correct: null });
    expect(summary?.results[0]?.reason).toContain('--cassettes record');
  });

  test('diverge where a tool answers otherwise than when it was recorded, and say where', async () => {
    const folder = makeFolder(failFolder('tool error'));
    const args = ['./scene', '--variants', 'classic', '--model', 'anthropic:claude-sonnet-5'];
    {
      await using api = await startMessagesApi(toolAgent('fail'));
      const recorded = await runIn(
        folder,
        [...args, '--set', `provider.baseUrl=${api.url}`, '--cassettes', 'record'],
        {
          out: 'recorded',
        },
      );
      expect(recorded.summary?.results[0]?.correct).toBe(1);
    }
    const changed = makeFolder(failFolder('protocol error'));
    const cassettes = ['--cassettes', 'strict', '--set', `cassettes.dir=${join(folder, 'cassettes')}`];
    const { code, summary } = await runIn(changed, [...args, ...cassettes], { env: noKey });
    expect(code).toBe(3);
    expect(summary?.results[0]?.provider).toMatchObject({
      causes: { diverged: 1 },
      recordings: {
        replayed: 1,
        unused: 1,
        diverged: [
          { repeat: 1, roundTrip: 2, toolResult: true, path: expect.stringContaining('messages[2]') },
        ],
      },
    });
    const [place] = summary?.results[0]?.provider?.recordings?.diverged ?? [];
    expect(place?.recorded).toContain('locked');
    expect(place?.asked).toContain('database is down');
    const cassette = readdirSync(join(folder, 'cassettes/scene'))[0] ?? '';
    // A recording of a test says that it is one, wherever it may turn up.
    expect(readFileSync(join(folder, 'cassettes/scene', cassette), 'utf8')).toContain(
      '"origin":"http://127.0.0.1',
    );
  });
});
