import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { inflatedTexts } from '../../reports/testing/markup.ts';
import { serializeBaseline } from '../analysis/gate/baseline.ts';
import type { Decision, Finding } from '../analysis/gate/gate.ts';
import { makeBaseline, makeLiveVariant, makeScenario } from '../analysis/gate/testing/make-baseline.ts';
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
  const saved = await patternbench(['gate', '--update', '--run', join(first, 'out'), '--baseline', baseline]);
  expect(saved.code).toBe(0);
  expect(saved.stderr).toContain('with 1 workflow and ');
});

describe('a tree that did not change', () => {
  test('passes, and its second run gives the same baseline byte for byte', async () => {
    const second = await runShop('none');
    const { code, decision } = await gate(second, baseline);
    expect(code).toBe(0);
    expect(decision.outcome).toBe('pass');
    expect(bad(decision)).toEqual([]);
    expect(decision.findings.length).toBeGreaterThan(10);
    const again = join(second, 'baseline.json');
    await patternbench(['gate', '--update', '--run', join(second, 'out'), '--baseline', again]);
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
});

describe('the same tree twice never fails, for any kind of run', () => {
  test.each([
    ['several times', ['--trials', '3']],
    [
      'by latency and without caching',
      ['--by', 'latency', '--set', 'latencyProfile=slow', '--set', 'provider.cache=off'],
    ],
    [
      'within limits, against another variant',
      [
        '--variants',
        'classic,classic-serial,code,hybrid',
        '--set',
        'verdict.reference=code',
        '--set',
        'limits.roundTrips=5',
      ],
    ],
    [
      'with limits, approvals and a harder world',
      [
        ...['--set', 'approvals.per=call', '--set', 'limits.tool=7s', '--timeout', '90s'],
        ...['--distractors', '3', '--fault', 'slow=0.2', '--set', 'faults.delay=1ms', '--trials', '3'],
      ],
    ],
  ])('%s', async (_, options) => {
    const folder = makeFolder({ ...shopFiles('none'), 'strict.json': strict });
    const inFolder = (...args: string[]) => patternbench(args, { cwd: folder });
    expect((await inFolder('run', './shop-total', ...options, '--out', 'out')).code).toBe(0);
    expect((await inFolder('gate', '--update', '--run', 'out', '--baseline', 'b.json')).code).toBe(0);
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
    expect(again.stdout).toMatch(/^Gate passed: (\d) of \1 results compared\.\n$/);
    expect(again.code).toBe(0);
    await inFolder('gate', '--update', '--run', 'two', '--baseline', 'c.json');
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
    expect(stdout).toContain(`  patternbench gate --update --run out --baseline ${baseline}\n`);
  });

  test('does not update a baseline with some of its workflows, which would drop the others', async () => {
    const folder = makeFolder(shopFiles('none'));
    const whole = JSON.parse(readFileSync(baseline, 'utf8'));
    const [shop] = whole.scenarios;
    const text = JSON.stringify({ ...whole, scenarios: [shop, { ...shop, scenario: 'other' }] });
    writeFileSync(join(folder, 'b.json'), text);
    const args = ['gate', './shop-total', '--update', '--baseline', 'b.json'];
    const { code, stderr } = await patternbench(args, { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('would drop all other') });
    expect(readFileSync(join(folder, 'b.json'), 'utf8')).toBe(text);
    const named = await patternbench([...args, '--run', join(first, 'out')], { cwd: folder });
    expect(named.stderr).toContain('Leave out the names.');
  });

  test('finds your own scenarios from a clean checkout, beside the baseline, with none named', async () => {
    const original = makeFolder(shopFiles('none'));
    const runArgs = ['run', './shop-total', '--out', 'out'];
    expect((await patternbench(runArgs, { cwd: original })).code).toBe(0);
    const save = ['gate', '--update', '--run', 'out', '--baseline', 'b.json'];
    expect((await patternbench(save, { cwd: original })).code).toBe(0);
    const text = readFileSync(join(original, 'b.json'), 'utf8');
    expect(JSON.parse(text).scenarios[0].path).toBe('shop-total');
    expect(text).not.toContain(original);
    const checkout = makeFolder({ ...shopFiles('none'), 'b.json': text });
    const { code, stdout } = await patternbench(['gate', '--baseline', 'b.json'], { cwd: checkout });
    expect(stdout).toBe('Gate passed: 2 of 2 results compared.\n');
    expect(code).toBe(0);
  });

  test('asks a real model only where its cost is allowed', async () => {
    const live = makeBaseline([makeScenario('crm-contact-lookup', [makeLiveVariant('classic', [1, 1, 1])])]);
    const folder = makeFolder({ 'b.json': serializeBaseline(live) });
    const { code, stderr } = await patternbench(['gate', '--baseline', 'b.json'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('--max-cost USD');
  });
});

describe('a part of a baseline', () => {
  /** The baseline with the shop's results under a second name. */
  function ofTwo(): string {
    const one = JSON.parse(readFileSync(baseline, 'utf8'));
    const [scenario] = one.scenarios;
    const file = join(makeFolder({}), 'two.json');
    writeFileSync(
      file,
      JSON.stringify({ ...one, scenarios: [scenario, { ...scenario, scenario: 'other' }] }),
    );
    return file;
  }

  test('is missing, told once, unless what to compare is named', async () => {
    const args = ['gate', '--run', join(first, 'out'), '--baseline', ofTwo()];
    const all = await patternbench(args);
    expect(all.code).toBe(1);
    expect(all.stdout).toContain(
      'Error: Missing from this run: other (2 results)\n  other. Run them, or name',
    );
    expect(all.stdout.match(/missing/gi)).toHaveLength(1);
    // Saving this run would drop what it lacks.
    expect(all.stdout).toContain('run all scenarios of the baseline into one directory first');
    const named = await patternbench([...args, 'shop-total']);
    expect(named.stdout).toBe('Gate passed: 2 of 2 results compared.\n');
    const misspelt = await patternbench([...args, 'shop-totl']);
    expect(misspelt.code).toBe(2);
    expect(misspelt.stderr).toContain('shop-total');
  });

  test('is a variant in use, which a policy may name', async () => {
    const drifted = await shopAfter('fatter result');
    const policy = join(
      makeFolder({ 'p.json': '{ "variants": ["code"], "checks": { "verdict": "off" } }' }),
      'p.json',
    );
    const { code, decision } = await gate(drifted, baseline, '--policy', policy);
    expect(code).toBe(0);
    expect(new Set(decision.findings.map(({ variant }) => variant))).toEqual(new Set(['code']));
    const unknown = join(makeFolder({ 'p.json': '{ "variants": ["codes"] }' }), 'p.json');
    const args = ['gate', '--run', join(first, 'out'), '--baseline', baseline, '--policy', unknown];
    expect((await patternbench(args)).code).toBe(2);
  });
});

describe('a server that changed fails the gate, and the message says what changed', () => {
  const problem = ({ problems }: Decision) => `${problems[0]?.title}\n${problems[0]?.message}`;

  test('a fatter result: which tool and field, once, in classic tokens, while code stays the same', async () => {
    const { code, decision } = await gate(await shopAfter('fatter result'), baseline);
    expect(code).toBe(1);
    expect(find(decision, 'billedTokens', 'classic')?.status).toBe('breach');
    expect(decision.problems).toHaveLength(1);
    expect(problem(decision)).toMatch(
      /^shop-total: billed tokens, context tokens and cost with caching rose in classic[;\n]/,
    );
    expect(problem(decision)).toMatch(
      /Because: results of shop\.get_item: \d+ → [\d,]+ tokens over 6 calls; field item\.marketing is new \(\+[\d,]+ bytes\)/,
    );
    expect(find(decision, 'billedTokens', 'code')?.status).toBe('pass');
    expect(find(decision, 'toolSurface')).toBeUndefined();
    expect(decision.next).toContain('patternbench gate --update --run');
  });

  test('a lost output schema: what changed, with its tokens', async () => {
    const { code, decision } = await gate(await shopAfter('lost output schema'), baseline);
    expect(code).toBe(1);
    expect(find(decision, 'toolSurface')?.status).toBe('not_comparable');
    expect(problem(decision)).toMatch(
      /definition of shop\.get_item: output schema is gone \(\d+ → \d+ tokens in classic, \d+ → \d+ in code\)/,
    );
    expect(find(decision, 'billedTokens')).toBeUndefined();
    expect(decision.message).toContain('0 of 2 results compared');
  });

  test('a renamed field: the schema changed, and the answer is no longer right', async () => {
    const { code, decision } = await gate(await shopAfter('renamed field'), baseline);
    expect(code).toBe(1);
    expect(problem(decision)).toContain(
      'shop-total: tools changed: shop.get_item (output); correctness fell in classic and code',
    );
    expect(find(decision, 'correctness', 'code')).toMatchObject({ status: 'breach', before: 1, after: 0 });
  });

  test('a field renamed behind an unchanged schema: seen in the results', async () => {
    const { code, decision } = await gate(await shopAfter('unstructured rename'), baseline);
    expect(code).toBe(1);
    expect(find(decision, 'toolSurface')).toBeUndefined();
    expect(problem(decision)).toContain(
      'field item.price is gone and item.unitPrice is new, as after a renaming',
    );
    expect(find(decision, 'verdict')).toMatchObject({ status: 'breach', after: 'neither' });
  });

  test('a tool that fails: first, and with the text of its error', async () => {
    const { code, decision } = await gate(await shopAfter('failing tool'), baseline);
    expect(code).toBe(1);
    expect(decision.problems).toHaveLength(1);
    expect(problem(decision)).toMatch(
      /^shop-total: shop\.get_item fails; correctness fell in classic and code/,
    );
    expect(problem(decision)).toContain(
      'Because: errors of shop.get_item: 0 → 6 in 6 calls: "no such column: prize"',
    );
    expect(problem(decision)).not.toContain('field');
  });

  test('one more tool: its name and its tokens', async () => {
    const { code, decision } = await gate(await shopAfter('one more tool'), baseline);
    expect(code).toBe(1);
    expect(problem(decision)).toMatch(
      /tool shop\.search_items is new \(\d+ tokens in classic, \d+ in code\)/,
    );
    expect(problem(decision)).toMatch(/classic: billed tokens [\d,]+ → [\d,]+/);
  });

  test('a longer description: compared all the same where the policy says so', async () => {
    const drifted = await shopAfter('longer description');
    const policy = join(drifted, 'policy.json');
    writeFileSync(policy, JSON.stringify({ toolSurface: 'off' }));
    const { code, decision } = await gate(drifted, baseline, '--policy', policy);
    expect(code).toBe(1);
    expect(find(decision, 'billedTokens', 'classic')?.status).toBe('breach');
    expect(problem(decision)).toMatch(
      /definition of shop\.get_item: description, title or annotations changed/,
    );
    writeFileSync(policy, JSON.stringify({ toolSurface: 'warn' }));
    expect((await gate(drifted, baseline, '--policy', policy)).code).toBe(0);
  });
});

describe('what cannot be judged', () => {
  test('an incomplete run exits with 3, even if something else changed', async () => {
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
    const saved = await patternbench(['gate', '--update', '--run', join(folder, 'out'), '--baseline', file]);
    expect(saved.code).toBe(3);
    expect(saved.stderr).toContain('is incomplete');
  });

  test.each([
    [
      'a torn baseline',
      (text: string) => text.slice(0, 200),
      ['cannot be read as a baseline', 'gate --update'],
    ],
    [
      'a baseline of another format',
      (text: string) => text.replace('baseline/v1', 'baseline/v0'),
      ['is not a baseline that this version reads', 'patternbench.baseline/v0', 'gate --update'],
    ],
    [
      'a baseline of no workflow',
      (text: string) => JSON.stringify({ ...JSON.parse(text), scenarios: [] }),
      ['it holds no workflow, so that any run would pass', 'gate --update'],
    ],
    [
      'a baseline that two branches were merged into',
      (text: string) => {
        const { scenarios, ...rest } = JSON.parse(text);
        return JSON.stringify({ ...rest, scenarios: [...scenarios, ...scenarios] });
      },
      ['shop-total is in it twice', 'gate --update'],
    ],
  ])('%s is wrong usage, and says what to do', async (_, change, words) => {
    const file = join(makeFolder({ 'b.json': change(readFileSync(baseline, 'utf8')) }), 'b.json');
    const { code, stderr } = await patternbench(['gate', '--run', join(first, 'out'), '--baseline', file]);
    expect(code).toBe(2);
    for (const word of words) expect(stderr).toContain(word);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('a policy for an unknown scenario is wrong usage', async () => {
    const policy = join(makeFolder({ 'p.json': '{"scenarios":{"shop-totl":{"verdict":"off"}}}' }), 'p.json');
    const args = ['gate', '--run', join(first, 'out'), '--baseline', baseline, '--policy', policy];
    const { code, stderr } = await patternbench(args);
    expect(code).toBe(2);
    expect(stderr).toContain('"shop-totl"');
    expect(stderr).toContain('shop-total');
  });
});

test('the formats for CI say the same as the text, and one call writes several', async () => {
  const drifted = await shopAfter('one more tool');
  const folder = makeFolder({});
  const args = ['gate', '--run', join(drifted, 'out'), '--baseline', baseline];
  const files = ['--md', 'gate.md', '--junit', 'gate.xml'];
  const text = await patternbench([...args, ...files], { cwd: folder });
  const github = await patternbench([...args, '--github']);
  expect([text.code, github.code]).toEqual([1, 1]);
  expect(text.stdout).toMatch(
    /^Gate failed: 0 of 2 results compared, 1 error\.\n\nError: shop-total: tools changed: shop\.search_items\n/,
  );
  expect(readFileSync(join(folder, 'gate.md'), 'utf8')).toContain(
    '# Gate failed: shop-total: tools changed: shop.search_items',
  );
  expect(github.stdout).toMatch(
    /^::error title=shop-total%3A tools changed%3A shop\.search_items::Because: tool shop\.search_items is new/m,
  );
  expect(readFileSync(join(folder, 'gate.xml'), 'utf8')).toContain(
    '<failure message="shop-total: tools changed: shop.search_items">',
  );
});

test('compare shows the change of each figure and where it came from, in either format', async () => {
  const drifted = await shopAfter('fatter result');
  const both = [join(first, 'out'), join(drifted, 'out')];
  const [text, json] = await Promise.all([
    patternbench(['compare', ...both, '--html', join(drifted, 'page.html')]),
    patternbench(['compare', ...both, '--json']),
  ]);
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/classic +billed tokens +[\d,]+ +[\d,]+ +\+[\d,]+, \+[\d.]+ %/);
  expect(text.stdout).toContain('field item.marketing is new');
  expect(JSON.parse(json.stdout).pairs).toHaveLength(2);
  const held = inflatedTexts(readFileSync(join(drifted, 'page.html'), 'utf8'));
  const [workflow] = JSON.parse(held.get('data') ?? '{}').workflows;
  expect(workflow.since).toContain('field item.marketing is new');
  expect(workflow.traces.map(({ key }: { key: string }) => key)).toContain('before:classic');
});
