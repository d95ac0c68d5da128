import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Decision, Finding } from '../gate/decision.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { shopFiles } from '../testing/shop-files.ts';

const runs = new Map<string, Promise<string>>();

/** The folder of a run of the shop after a drift, with the run in `out`; one run serves all tests. */
function shopAfter(drift: string): Promise<string> {
  const run = runs.get(drift) ?? runShop(drift);
  runs.set(drift, run);
  return run;
}

async function runShop(drift: string): Promise<string> {
  const folder = makeFolder(shopFiles(drift));
  const { code, stderr } = await patternbench(['run', './shop-total', '--out', 'out'], { cwd: folder });
  expect(stderr).not.toContain('Error');
  expect(code).toBe(0);
  return folder;
}

async function gate(run: string, baseline: string, ...extra: string[]) {
  const args = ['gate', '--run', join(run, 'out'), '--baseline', baseline, '--json', ...extra];
  const { code, stdout, stderr } = await patternbench(args);
  expect(stderr).toBe('');
  return { code, decision: JSON.parse(stdout) as Decision };
}

const bad = ({ findings }: Decision) => findings.filter((finding) => finding.status !== 'pass');
const find = (decision: Decision, check: Finding['check'], variant?: string) =>
  decision.findings.find((each) => each.check === check && (!variant || each.variant === variant));

let first = '';
let baseline = '';

beforeAll(async () => {
  first = await runShop('none');
  baseline = join(first, 'baseline.json');
  const saved = await patternbench(['baseline', 'save', '--run', join(first, 'out'), '--file', baseline]);
  expect(saved.code).toBe(0);
}, 30_000);

describe('a tree that did not change', () => {
  test('passes, and its second run gives the same baseline byte for byte', async () => {
    const second = await runShop('none');
    const { code, decision } = await gate(second, baseline);
    expect(code).toBe(0);
    expect(decision.outcome).toBe('pass');
    expect(bad(decision)).toEqual([]);
    expect(decision.findings.length).toBeGreaterThan(10);
    const again = join(second, 'baseline.json');
    await patternbench(['baseline', 'save', '--run', join(second, 'out'), '--file', again]);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(baseline, 'utf8'));
  });
});

/** No figure may rise by anything at all. */
const strict = JSON.stringify({
  checks: Object.fromEntries(
    ['billedTokens', 'contextTokens', 'roundTrips', 'toolCalls', 'cost', 'costUncached'].map((name) => [
      name,
      { level: 'error', absolute: 0, relative: 0 },
    ]),
  ),
  conditions: 'error',
  undecided: 'error',
});

describe('the same tree twice never fails, whatever was run', () => {
  test.each([
    [
      'with mistakes, several times',
      ['--imperfections', 'failed-program=0.5,repeated-call=0.4', '--trials', '3'],
    ],
    ['by latency and without caching', ['--by', 'latency', '--latency-profile', 'slow', '--no-cache']],
    [
      'within limits, against another variant',
      ['--variants', 'classic,classic-serial,code,hybrid', '--reference', 'code', '--max-round-trips', '5'],
    ],
  ])('%s', async (_, options) => {
    const folder = makeFolder({ ...shopFiles('none'), 'strict.json': strict });
    const inFolder = (...args: string[]) => patternbench(args, { cwd: folder });
    expect((await inFolder('run', './shop-total', ...options, '--out', 'out')).code).toBe(0);
    expect((await inFolder('baseline', 'save', '--run', 'out', '--file', 'b.json')).code).toBe(0);
    // Run once more, as the baseline was.
    const again = await inFolder(
      'gate',
      './shop-total',
      '--baseline',
      'b.json',
      '--policy',
      'strict.json',
      '--out',
      'two',
    );
    expect(again.stdout).toContain('# Gate passed');
    expect(again.code).toBe(0);
    await inFolder('baseline', 'save', '--run', 'two', '--file', 'c.json');
    expect(readFileSync(join(folder, 'c.json'), 'utf8')).toBe(readFileSync(join(folder, 'b.json'), 'utf8'));
  });
});

describe('gate without --run', () => {
  test('runs the named scenarios as the baseline was run, then judges', async () => {
    const folder = makeFolder(shopFiles('one more tool'));
    const args = ['gate', './shop-total', '--baseline', baseline, '--out', 'out'];
    const { code, stdout, stderr } = await patternbench(args, { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('shop-total · code: correct');
    expect(stdout).toContain('tool shop.search');
  });

  test('takes no scenarios together with --run', async () => {
    const args = ['gate', './shop-total', '--run', join(first, 'out'), '--baseline', baseline];
    const { code, stderr } = await patternbench(args);
    expect(code).toBe(2);
    expect(stderr).toContain('naming scenarios has no effect');
  });
});

describe('a server that changed fails the gate, and the message says what changed', () => {
  test('a fatter result: which tool and field, in classic tokens, while code stays the same', async () => {
    const { code, decision } = await gate(await shopAfter('fatter result'), baseline);
    expect(code).toBe(1);
    const billed = find(decision, 'billedTokens', 'classic');
    expect(billed?.status).toBe('breach');
    expect(billed?.message).toMatch(/results of shop\.get_item: \d+ → [\d,]+ tokens over 6 calls/);
    expect(billed?.message).toMatch(/field item\.marketing is new \(\+[\d,]+ bytes\)/);
    expect(find(decision, 'billedTokens', 'code')?.status).toBe('pass');
    expect(find(decision, 'toolSurface')).toBeUndefined();
  });

  test('a lost output schema: not comparable, with the tokens that were lost', async () => {
    const { code, decision } = await gate(await shopAfter('lost output schema'), baseline);
    expect(code).toBe(1);
    const surface = find(decision, 'toolSurface');
    expect(surface?.status).toBe('not_comparable');
    expect(surface?.message).toMatch(
      /definition of shop\.get_item: .* its output schema is lost \(\d+ tokens\)/,
    );
    expect(find(decision, 'billedTokens')).toBeUndefined();
    expect(decision.message).toContain('0 of 2 results were compared');
  });

  test('a renamed field: the schema names both, and the answer is no longer right', async () => {
    const { code, decision } = await gate(await shopAfter('renamed field'), baseline);
    expect(code).toBe(1);
    expect(find(decision, 'toolSurface')?.message).toMatch(
      /output\.item\.price is gone and output\.item\.unitPrice is new, as after a renaming \(\d+ → \d+ tokens\)/,
    );
    expect(find(decision, 'correctness', 'code')).toMatchObject({ status: 'breach', before: 1, after: 0 });
  });

  test('a field renamed behind an unchanged schema: seen in the results', async () => {
    const { code, decision } = await gate(await shopAfter('unstructured rename'), baseline);
    expect(code).toBe(1);
    expect(find(decision, 'toolSurface')).toBeUndefined();
    expect(find(decision, 'correctness', 'classic')?.message).toContain(
      'field item.price is gone and item.unitPrice is new, as after a renaming',
    );
    expect(find(decision, 'verdict')).toMatchObject({ status: 'breach', after: 'neither' });
  });

  test('one more tool: its name and its tokens', async () => {
    const { code, decision } = await gate(await shopAfter('one more tool'), baseline);
    expect(code).toBe(1);
    expect(find(decision, 'toolSurface')?.message).toMatch(
      /tool shop\.search_items is new: \d+ tokens declared up front in classic/,
    );
    expect(find(decision, 'toolSurface')?.message).toMatch(/classic: billed tokens [\d,]+ → [\d,]+/);
  });

  test('a longer description: compared all the same where the policy says so', async () => {
    const drifted = await shopAfter('longer description');
    const policy = join(drifted, 'policy.json');
    writeFileSync(
      policy,
      JSON.stringify({ toolSurface: 'off', checks: { billedTokens: { relative: 0.005 } } }),
    );
    const { code, decision } = await gate(drifted, baseline, '--policy', policy);
    expect(code).toBe(1);
    expect(find(decision, 'billedTokens', 'classic')?.message).toMatch(
      /definition of shop\.get_item: .*description changed \(\d+ → \d+ tokens\)/,
    );
    writeFileSync(policy, JSON.stringify({ toolSurface: 'warn' }));
    expect((await gate(drifted, baseline, '--policy', policy)).code).toBe(0);
  });
});

describe('what cannot be judged', () => {
  test('an incomplete run exits with 3, whatever else changed', async () => {
    const folder = makeFolder(shopFiles('none', 'return mcp.shop.no_such_tool({});'));
    await patternbench(['run', './shop-total', '--out', 'out'], { cwd: folder });
    const { code, decision } = await gate(folder, baseline);
    expect(code).toBe(3);
    expect(decision.message).toContain('shop-total / classic was not measured');
    const compared = await patternbench(['compare', join(first, 'out'), join(folder, 'out')]);
    expect([compared.code, compared.stderr.includes('shop-total / classic was not measured')]).toEqual([
      3,
      true,
    ]);
    const file = join(folder, 'baseline.json');
    const saved = await patternbench(['baseline', 'save', '--run', join(folder, 'out'), '--file', file]);
    expect(saved.code).toBe(3);
    expect(saved.stderr).toContain('is incomplete');
  });

  test.each([
    [
      'a torn baseline',
      (text: string) => text.slice(0, 200),
      ['cannot be read as a baseline', 'baseline save'],
    ],
    [
      'a baseline of another format',
      (text: string) => text.replace('baseline/v1', 'baseline/v0'),
      ['is not a baseline that this version reads', 'patternbench.baseline/v0', 'baseline save'],
    ],
  ])('%s is wrong usage, and says what to do', async (_, change, words) => {
    const file = join(makeFolder({ 'b.json': change(readFileSync(baseline, 'utf8')) }), 'b.json');
    const { code, stderr } = await patternbench(['gate', '--run', join(first, 'out'), '--baseline', file]);
    expect(code).toBe(2);
    for (const word of words) expect(stderr).toContain(word);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('a policy for a scenario that nobody has is wrong usage', async () => {
    const policy = join(makeFolder({ 'p.json': '{"scenarios":{"shop-totl":{"verdict":"off"}}}' }), 'p.json');
    const args = ['gate', '--run', join(first, 'out'), '--baseline', baseline, '--policy', policy];
    const { code, stderr } = await patternbench(args);
    expect(code).toBe(2);
    expect(stderr).toContain('"shop-totl"');
    expect(stderr).toContain('shop-total');
  });
});

test('the formats for CI say the same as the table', async () => {
  const drifted = await shopAfter('one more tool');
  const print = (format: string) =>
    patternbench(['gate', '--run', join(drifted, 'out'), '--baseline', baseline, '--format', format]);
  const [markdown, github, junit] = await Promise.all(['markdown', 'github', 'junit'].map(print));
  expect([markdown, github, junit].map((result) => result?.code)).toEqual([1, 1, 1]);
  expect(markdown?.stdout).toContain('# Gate failed: shop-total: not comparable');
  expect(github?.stdout).toMatch(
    /^::error title=shop-total%3A not comparable.*::tool shop\.search_items is new/m,
  );
  expect(junit?.stdout).toContain('<failure type="not_comparable"');
});

test('compare shows the change of each figure and where it came from, in either format', async () => {
  const drifted = await shopAfter('fatter result');
  const both = [join(first, 'out'), join(drifted, 'out')];
  const [text, json] = await Promise.all([
    patternbench(['compare', ...both]),
    patternbench(['compare', ...both, '--json']),
  ]);
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(
    /\| classic\s*\| billed tokens\s*\|\s*[\d,]+ \|\s*[\d,]+ \|\s*\+[\d,]+ \(\d+\.\d %\) \|/,
  );
  expect(text.stdout).toContain('field item.marketing is new');
  expect(JSON.parse(json.stdout).pairs).toHaveLength(2);
});
