import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { listVariants } from '../agent/variants.ts';
import { type Summary, summarySchema } from '../results/summary.ts';
import { loadCoreScenarios } from '../scenario/load.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';

/** A single call, a fan-out, and one of two steps. */
const three = ['crm-contact-lookup', 'crm-top-customers', 'crm-notes-review'];
const small = ['--param', 'contacts=60', '--param', 'threshold=2000', '--set', 'verdict.sizes=false'];

async function runJson(args: string[]): Promise<{ summary: Summary; folder: string; stderr: string }> {
  const folder = makeFolder({});
  const { code, stdout, stderr } = await patternbench(['run', ...args, '--json', '--out', 'out'], {
    cwd: folder,
  });
  expect(stderr).not.toContain('Error');
  expect(code).toBe(0);
  return { summary: summarySchema.parse(JSON.parse(stdout)), folder: join(folder, 'out'), stderr };
}

/** The summary without what was measured. */
function withoutMeasured(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, entry) => (key === 'measured' ? undefined : entry)));
}

const lookup = ['crm-contact-lookup', '--param', 'contacts=10'];

let ofThree: Awaited<ReturnType<typeof runJson>>;
let ofLookup: Awaited<ReturnType<typeof runJson>>;
beforeAll(async () => {
  ofThree = await runJson([...three, ...small]);
  ofLookup = await runJson(lookup);
});

describe('patternbench run', () => {
  test('runs the core in both patterns, right in each, and prints a line for each on one screen', async () => {
    const { code, stdout, stderr } = await patternbench(['run', ...small]);
    expect(code).toBe(0);
    for (const { name } of await loadCoreScenarios()) {
      expect(stdout).toMatch(new RegExp(`^  ${name} +[○◆=?] `, 'm'));
      expect(stderr).toContain(`${name} · classic: correct`);
      expect(stderr).toContain(`${name} · code: correct`);
    }
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('recommends classic for one lookup and code for a thousand calls, and says what overflowed', async () => {
    // In a small window, where fewer calls overflow it.
    const { summary } = await runJson([
      ...['crm-contact-lookup', 'crm-top-customers', '--param', 'contacts=1200'],
      ...['--model', 'claude-haiku-4-5', '--set', 'verdict.sizes=false'],
    ]);
    expect(summary.verdicts.map(({ scenario, pattern }) => [scenario, pattern])).toEqual([
      ['crm-contact-lookup', 'classic'],
      ['crm-top-customers', 'code'],
    ]);
    const classic = summary.results.find(
      (each) => each.scenario === 'crm-top-customers' && each.variant === 'classic',
    );
    expect(classic?.status).toBe('context_overflow');
    expect(classic?.correct).toBe(0);
    expect(classic?.hypothetical?.correct).toBe(1);
    // Ten calls a round trip, and one for each page.
    expect(classic?.hypothetical?.roundTrips).toBeGreaterThan(120);
    expect(classic?.roundTrips).toBeLessThan(classic?.hypothetical?.roundTrips ?? 0);
    expect(classic?.hypothetical?.toolCalls).toBe(1206);
    const code = summary.results.find(
      (each) => each.scenario === 'crm-top-customers' && each.variant === 'code',
    );
    expect(code?.toolCalls).toBe(1206);
    expect(code?.tokens.context).toBeLessThan(10_000);
  });

  test('books every billed token in exactly one ledger row, and sums new and written tokens to the context', async () => {
    const { summary } = ofThree;
    expect(summary.results).toHaveLength(6);
    for (const { ledger, tokens } of summary.results) {
      const sum = (rows: typeof ledger) => rows.reduce((total, row) => total + row.tokens, 0);
      expect(sum(ledger)).toBe(tokens.billed);
      expect(tokens.billed).toBe(tokens.input + tokens.output);
      expect(sum(ledger.filter((row) => row.direction === 'output' || row.history === 'new'))).toBe(
        tokens.context,
      );
      expect(sum(ledger.filter((row) => row.direction === 'input' && row.cache === 'cache_read'))).toBe(
        tokens.cacheRead,
      );
    }
  });

  test('gives the same summary and the same traces twice, but for what was measured', async () => {
    const first = ofThree;
    const second = await runJson([...three, ...small]);
    expect(withoutMeasured(first.summary)).toEqual(withoutMeasured(second.summary));
    const trace = (folder: string) =>
      readFileSync(join(folder, 'trials/crm-top-customers/classic/1.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => withoutMeasured(JSON.parse(line)))
        .filter((event) => (event as { event?: string }).event !== 'tool_result');
    expect(trace(first.folder)).toEqual(trace(second.folder));
  });

  test('follows the seed: another seed is other data', async () => {
    const second = await runJson([...lookup, '--set', 'seed=2']);
    expect(ofLookup.summary.results[0]?.tokens).not.toEqual(second.summary.results[0]?.tokens);
  });

  test('writes the run directory: run.json, summary.json and a trace from which each request can be rebuilt', async () => {
    const { summary, folder } = ofLookup;
    expect(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'))).toEqual(summary);
    const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
    expect(run).toMatchObject({
      format: 'patternbench.run/v1',
      status: 'complete',
      evidence: 'scripted',
      seed: 1,
    });
    expect(run.scenarios[0].hash).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(join(folder, 'trials/crm-contact-lookup'))).toEqual(['classic', 'code', 'schedule']);
    const lines = readFileSync(join(folder, 'trials/crm-contact-lookup/classic/1.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(JSON.parse(lines[0] ?? '')).toEqual({ format: 'patternbench.trace/v1' });
    const requests = lines.map((line) => JSON.parse(line)).filter((event) => event.event === 'request');
    expect(requests[0].tools).toHaveLength(4);
    expect(requests[0].appended[0].role).toBe('user');
    expect(requests[1].appended.map((message: { role: string }) => message.role)).toEqual([
      'assistant',
      'user',
    ]);
    expect(requests[1].appended[1].content[0].type).toBe('tool_result');
  });

  test('makes one call a round trip in classic-serial, with the same answer', async () => {
    const { summary } = await runJson([
      'crm-top-customers',
      ...small.slice(0, 4),
      '--variants',
      'classic,classic-serial',
    ]);
    const [classic, serial] = summary.results;
    expect(classic?.roundTrips).toBe(8);
    expect(serial?.roundTrips).toBe(62);
    expect([classic?.correct, serial?.correct]).toEqual([1, 1]);
  });

  test('runs every variant, right in each, and shows them as a ladder against the reference variant', async () => {
    const names = listVariants().map(({ name }) => name);
    const { code, stdout } = await patternbench([
      'run',
      'crm-notes-review',
      '--param',
      'contacts=60',
      '--variants',
      names.join(','),
      '--set',
      'verdict.reference=hybrid',
      '--set',
      'verdict.sizes=false',
      ...['--md', '-'],
    ]);
    expect(code).toBe(0);
    for (const name of names) {
      const rungs = stdout.split('\n').filter((line) => line.startsWith(`| ${name} `) && line.includes('| '));
      expect(rungs.filter((line) => / yes \|/.test(line))).toHaveLength(1);
    }
    expect(stdout).toContain('against hybrid');
  });

  test('is billed as several models, played once, each in a folder of its own', async () => {
    // What a configuration asks for of the run of one model is no reason to refuse several.
    const reporters = { md: 'run.md', html: 'run.html' };
    const folder = makeFolder({ 'patternbench.config.json': JSON.stringify({ reporters }) });
    const models = ['claude-sonnet-5', 'claude-haiku-4-5'];
    const run = (...args: string[]) => patternbench(['run', ...lookup, ...args], { cwd: folder });
    const { code, stdout, stderr } = await run('--model', models.join(','), '--out', 'out');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^crm-contact-lookup +classic \$[\d.]+ +classic \$[\d.]+$/m);
    // One line of progress for each conversation, not for each bill.
    expect(stderr.match(/^\[\d+\/2\]/gm)).toHaveLength(2);
    for (const model of models) {
      expect(
        summarySchema.parse(JSON.parse(readFileSync(join(folder, 'out', model, 'summary.json'), 'utf8')))
          .model,
      ).toBe(model);
    }
    const asked = await run('--model', models.join(','), '--html', 'run.html');
    expect(asked).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('write other formats with report'),
    });
    const live = await run('--model', 'claude-sonnet-5,anthropic:claude-sonnet-5');
    expect(live.code).toBe(2);
    expect(live.stderr).toContain('it spends money');
  });

  test('says how tokens were counted, and how far each category may be off', () => {
    const { summary } = ofLookup;
    const [result] = summary.results;
    const counts = result?.counts ?? [];
    expect(summary.tokenCounts).toMatchObject({ label: 'estimated', assumed: [expect.any(String)] });
    expect(counts.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(result?.tokens.context);
    for (const { tokens, low, high, estimated } of counts) {
      expect(low).toBeGreaterThanOrEqual(tokens - estimated);
      expect(high > tokens).toBe(estimated > 0);
    }
  });

  test('bills by the model and profile that are named', async () => {
    const haiku = await runJson([...lookup, '--model', 'claude-haiku-4-5', '--set', 'latencyProfile=slow']);
    const cost = ({ summary }: typeof haiku) => summary.results[0]?.costUsd?.uncached ?? 0;
    expect(cost(haiku)).toBeLessThan(cost(ofLookup));
    expect(haiku.summary.latencyProfile).toBe('slow');
    expect(haiku.summary.tokenCounts.method).toContain('claude-3');
  });

  test('never writes a report over what the run itself leaves', async () => {
    const folder = makeFolder({});
    const args = ['run', 'crm-contact-lookup', '--out', 'out', '--md', 'out/summary.json'];
    const { code, stderr } = await patternbench(args, { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('out/summary.json is a file of the run itself'),
    });
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  test('never writes a run over another', async () => {
    const folder = makeFolder({ 'out/precious.txt': 'kept' });
    const { code, stderr } = await patternbench(['run', 'crm-contact-lookup', '--out', 'out'], {
      cwd: folder,
    });
    expect(code).toBe(2);
    expect(stderr).toContain('is not empty');
    expect(existsSync(join(folder, 'out/run.json'))).toBe(false);
  });
});
