import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { runIn, testKey, withoutMeasured } from '../testing/live-run.ts';
import { lookupAgent } from '../testing/messages-api/agent.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';

const lookup = ['crm-contact-lookup', '--param', 'contacts=60', '--set', 'verdict.sizes=false'];
const keyless = { env: { ANTHROPIC_API_KEY: '' } };

describe('exact counts', () => {
  test('are asked of the provider once, kept, and used without a key from then on', async () => {
    await using api = await startMessagesApi([], { apiKey: testKey });
    const folder = makeFolder({});
    const asking = ['--set', 'count=provider', '--set', `provider.baseUrl=${api.url}`];
    const asked = await runIn(folder, [...lookup, ...asking]);
    expect([asked.code, asked.stderr.includes(testKey)]).toEqual([0, false]);
    expect(asked.summary?.tokenCounts.label).toBe('counted');
    const requests = api.counted.length;
    expect(requests).toBeGreaterThan(10);
    // A text is asked for once, in however many trials and requests it is.
    expect(new Set(api.counted.map((body) => JSON.stringify(body))).size).toBe(requests);

    const again = await runIn(folder, lookup, { ...keyless, out: 'again' });
    expect(again.summary?.tokenCounts.label).toBe('counted');
    expect(withoutMeasured(again.summary?.results)).toEqual(withoutMeasured(asked.summary?.results));
    expect(api.counted).toHaveLength(requests);
    const estimated = await runIn(folder, [...lookup, '--set', 'count=estimate'], {
      ...keyless,
      out: 'estimated',
    });
    expect(estimated.summary?.tokenCounts.label).toBe('estimated');
    expect(estimated.summary?.results[0]?.tokens).not.toEqual(asked.summary?.results[0]?.tokens);
  });

  test('leave no range: a verdict is as sure as the counts', async () => {
    await using api = await startMessagesApi([], { apiKey: testKey });
    const { summary } = await runIn(makeFolder({}), [
      ...lookup,
      '--set',
      'count=provider',
      '--set',
      `provider.baseUrl=${api.url}`,
    ]);
    for (const { counts = [] } of summary?.results ?? []) {
      for (const { tokens, low, high, estimated } of counts) {
        expect([low, high, estimated]).toEqual([tokens, tokens, 0]);
      }
    }
  });

  test('of which some are missing are used for the rest, and the report says what is estimated', async () => {
    await using api = await startMessagesApi([], { apiKey: testKey });
    const folder = makeFolder({});
    await runIn(folder, [...lookup, '--set', 'count=provider', '--set', `provider.baseUrl=${api.url}`]);
    const file = join(folder, 'token-counts.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const kept = lines.filter((_, index) => index % 2 === 0);
    writeFileSync(join(folder, 'half.jsonl'), `${kept.join('\n')}\n`);
    const { summary } = await runIn(folder, [...lookup, '--set', 'count=half.jsonl'], {
      ...keyless,
      out: 'half',
    });
    expect(summary?.tokenCounts.label).toBe('partly counted');
    const { stdout } = await patternbench(['report', 'half', '--md', '-'], { cwd: folder });
    expect(stdout).toMatch(/partly counted.*Still estimated: .*tool definitions \(\d+(\.\d+)? %\)/);
    // It is only read.
    expect(readFileSync(join(folder, 'half.jsonl'), 'utf8')).toBe(`${kept.join('\n')}\n`);
  });

  test('do not change a live bill: the report shows how far they and the estimate are from it', async () => {
    await using api = await startMessagesApi(lookupAgent, { apiKey: testKey });
    const folder = makeFolder({});
    const live = ['--model', 'anthropic:claude-sonnet-5', '--set', `provider.baseUrl=${api.url}`];
    const plain = await runIn(folder, [...lookup.slice(0, 3), ...live]);
    const counted = await runIn(folder, [...lookup.slice(0, 3), ...live, '--set', 'count=provider'], {
      out: 'counted',
    });
    expect([plain.code, counted.code]).toEqual([0, 0]);
    for (const [at, result] of (counted.summary?.results ?? []).entries()) {
      const before = plain.summary?.results[at];
      expect(result.tokens.billed).toBe(before?.tokens.billed);
      const explained = (of: typeof result) => of.ledger.reduce((sum, row) => sum + row.tokens, 0);
      expect(explained(result)).not.toBe(before && explained(before));
      // By the estimate alone it comes to what a run without counts booked.
      expect(result.estimatedBilled).toBe(before && explained(before));
    }
    const { stdout } = await patternbench(['report', 'counted', '--md', '-'], { cwd: folder });
    expect(stdout).toMatch(/counts explain [\d,]+ \([−+][\d.]+ %\), the estimate alone [\d,]+ \([−+]/);
  });

  test('may come from a counter of one’s own, also for servers’ definitions', async () => {
    const cwd = makeFolder({ 'letters.mjs': 'export default (texts) => texts.map((text) => text.length);' });
    const own = ['--set', 'counter=./letters.mjs'];
    const calls = ['parametric', '--param', 'bytes=400', '--param', 'tools=3', '--param', 'calls=16'];
    const { summary } = await runIn(cwd, [...calls, ...own], keyless);
    expect(summary?.tokenCounts).toMatchObject({
      label: 'counted',
      method: expect.stringContaining('./letters.mjs'),
    });
    // Also at the sizes at which the verdict was looked for.
    const sizes = readdirSync(join(cwd, 'out/break-even'), { recursive: true, encoding: 'utf8' });
    const further = sizes.filter((file) => basename(file) === 'summary.json');
    expect(further.length).toBeGreaterThan(0);
    for (const file of further) {
      const { tokenCounts } = JSON.parse(readFileSync(join(cwd, 'out/break-even', file), 'utf8'));
      expect(tokenCounts.label).toBe('counted');
    }
    const measured = async (...args: string[]) =>
      JSON.parse((await patternbench(['tools', 'crm', '--json', ...args], { cwd })).stdout);
    const [letters, estimated] = [await measured(...own), await measured()];
    expect([letters.label, estimated.label]).toEqual(['counted', 'estimated']);
    expect(letters.upFront.classic.tokens).toBeGreaterThan(2 * estimated.upFront.classic.tokens);
    expect(letters.upFront.classic.low).toBe(letters.upFront.classic.tokens);
  });

  test('that fail end a trial as infrastructure, with what to do', async () => {
    const cwd = makeFolder({ 'broken.mjs': 'export default () => { throw new Error("no vocabulary"); };' });
    const { code, stderr } = await runIn(cwd, [...lookup, '--set', 'counter=./broken.mjs'], keyless);
    expect(code).toBe(3);
    expect(stderr).toContain('no vocabulary');
  });
});
