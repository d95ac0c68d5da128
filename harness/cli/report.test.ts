import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { inflatedTexts } from '../../reports/testing/markup.ts';
import { makeFolder, patternbench, patternbenchProcess } from '../testing/command-line.ts';
import { readSummary, verdict } from './api.ts';

let folder: string;
const report = (...args: string[]) => patternbench(['report', 'out', ...args], { cwd: folder });

beforeAll(async () => {
  folder = makeFolder({});
  const args = [
    'run',
    'crm-top-customers',
    '--param',
    'contacts=300',
    '--set',
    'verdict.sizes=false',
    '--model',
    'claude-haiku-4-5',
    '--out',
    'out',
  ];
  const { code, stdout } = await patternbench(args, { cwd: folder });
  expect(code).toBe(0);
  expect((await report()).stdout).toBe(stdout);
});

test('a program decides a stored run again: as the run did, and by another measure or margin', () => {
  const directory = join(folder, 'out');
  const [stored] = readSummary(directory).verdicts;
  const { flips: _, ...same } = stored as NonNullable<typeof stored>;
  expect(verdict(directory)).toEqual([same]);
  expect(verdict(directory, { by: 'tokens' })[0]).toMatchObject({ by: 'tokens', pattern: 'code' });
  expect(verdict(directory, { margin: 1e6 })[0]?.pattern).toBe('either');
  for (const wrong of [{ margin: -5 }, { margin: Number.NaN }, { by: 'looks' as never }]) {
    expect(() => verdict(directory, wrong)).toThrow(/verdict\(\) got wrong options[\s\S]*(margin|by)/);
  }
  // The run's own margin and measure, where none are given.
  const other = join(folder, 'by-tokens');
  cpSync(directory, other, { recursive: true });
  const file = join(other, 'summary.json');
  const changed = readFileSync(file, 'utf8').replace('"by": "cost"', '"by": "tokens"');
  writeFileSync(file, changed.replace('"margin": 0.1', '"margin": 1000000'));
  expect(verdict(other)[0]).toMatchObject({ by: 'tokens', pattern: 'either' });
});

test('of some workflows of a partial run, what has not been run is not more than in the whole', async () => {
  const partial = join(folder, 'partial');
  cpSync(join(folder, 'out'), partial, { recursive: true });
  const file = join(partial, 'summary.json');
  const summary = JSON.parse(readFileSync(file, 'utf8'));
  const others = summary.results.map((result: object) => ({ ...result, scenario: 'another' }));
  const results = [...summary.results, ...others];
  writeFileSync(
    file,
    JSON.stringify({ ...summary, results, status: 'partial', planned: results.length + 2 }),
  );
  const { stdout } = await patternbench(['report', 'partial', 'crm-top-customers', '--junit', '-'], {
    cwd: folder,
  });
  expect(stdout).toContain('<skipped message="2 trials have not been run"/>');
});

describe('report --trend', () => {
  test('follows the figures over the runs of a folder, and names what it cannot read', async () => {
    for (const day of ['01', '02']) {
      const copy = join(folder, 'stored', day);
      cpSync(join(folder, 'out'), copy, { recursive: true });
      const file = join(copy, 'run.json');
      const record = readFileSync(file, 'utf8');
      writeFileSync(
        file,
        record.replace(/"startedAt": "[^"]*"/, `"startedAt": "2026-01-${day}T00:00:00.000Z"`),
      );
    }
    cpSync(join(folder, 'stored/01'), join(folder, 'stored/torn'), { recursive: true });
    writeFileSync(join(folder, 'stored/torn/summary.json'), '{');
    const { code, stderr } = await report('--trend', 'stored', '--html', 'trend.html');
    expect(code).toBe(0);
    expect(stderr).toMatch(/Left out: .*torn.summary\.json cannot be read/);
    const data = inflatedTexts(readFileSync(join(folder, 'trend.html'), 'utf8')).get('data') ?? '{}';
    const [{ trend }] = JSON.parse(data).workflows;
    expect(trend.names.slice(0, 2)).toEqual(['2026-01-01 00:00', '2026-01-02 00:00']);
    expect(trend.now).toBe(3);
  });

  test('is wrong usage without a page, or without runs', async () => {
    expect(await report('--trend', '.')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--html FILE'),
    });
    const none = await report('--trend', 'out/trials', '--html', 'none.html');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('holds no runs') });
  });
});

describe('patternbench report', () => {
  test('ends quietly when its reader closes the pipe', async () => {
    const { code, stderr } = await patternbenchProcess(['report', 'out', '--json'], {
      cwd: folder,
      onStart: (child) => child.stdout?.destroy(),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('prints Markdown tables in which every row has the same columns', async () => {
    const { code, stdout } = await report('--md', '-');
    expect(code).toBe(0);
    const tables = stdout.split('\n\n').filter((block) => block.startsWith('|'));
    expect(tables.length).toBeGreaterThan(0);
    for (const table of tables) {
      const columns = table
        .trimEnd()
        .split('\n')
        .map((row) => row.split('|').length);
      expect(new Set(columns).size).toBe(1);
    }
    expect(stdout).toContain('tool definitions up front (tokens)');
  });

  test('prints JSON that is the summary', async () => {
    const { stdout } = await report('--json');
    expect(stdout).toBe(readFileSync(join(folder, 'out/summary.json'), 'utf8'));
  });

  test('prints CSV with one row for each result, whose categories sum to the context', async () => {
    const { stdout } = await report('--csv', '-');
    const [header = '', ...lines] = stdout.trim().split('\n');
    const columns = header.split(',');
    const { results } = JSON.parse((await report('--json')).stdout);
    const hypothetical = results.filter((result: { hypothetical?: unknown }) => result.hypothetical).length;
    expect(lines).toHaveLength(results.length + hypothetical);
    for (const line of lines) {
      // The parameters are one quoted field; what is compared here stands behind it.
      const cells = line.replace(/"(?:[^"]|"")*"/g, 'quoted').split(',');
      const value = (name: string) => Number(cells[columns.indexOf(name)]);
      const sum = columns
        .filter((name) => name.startsWith('context_'))
        .reduce((total, name) => total + value(name), 0);
      expect(sum).toBe(value('tokens_context'));
    }
  });

  test('makes a page of its own that holds every figure of the Markdown, the same each time', async () => {
    const { code, stdout, stderr } = await report('--html', 'page.html', '--md', '-');
    expect(code).toBe(0);
    expect(stderr).toBe(`Written: ${join(folder, 'page.html')}\n`);
    const page = readFileSync(join(folder, 'page.html'), 'utf8');
    expect((await report('--html', '-')).stdout).toBe(page);
    const held = inflatedTexts(page);
    const { workflows } = JSON.parse(held.get('data') ?? '{}');
    expect(workflows[0].traces.map(({ key }: { key: string }) => key)).toEqual(['classic', 'code']);
    for (const { blocks } of workflows[0].traces) expect(held.has(`block-${blocks.at(-1)}`)).toBe(true);
    const rows = stdout.split('\n').filter((line) => /^\| [^:]/.test(line));
    expect(rows.length).toBeGreaterThan(10);
    for (const cell of rows.flatMap((row) => row.split('|').map((each) => each.trim()))) {
      expect(workflows[0].details).toContain(cell);
    }
  });

  test('writes an article with its pictures beside it, and says what the configured workload costs there and on the page', async () => {
    writeFileSync(
      join(folder, 'workload.config.json'),
      JSON.stringify({ workload: { runs: 800, tenants: 4 } }),
    );
    const { code, stderr } = await report(
      ...['--config', 'workload.config.json', '--article', 'post.md', '--html', 'month.html'],
    );
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('with 1 picture') });
    const text = readFileSync(join(folder, 'post.md'), 'utf8');
    expect(text).toContain('](post-overview.svg)');
    expect(readFileSync(join(folder, 'post-overview.svg'), 'utf8')).toContain('crm-top-customers');
    expect(text).toContain('200 runs of each workflow for each of 4 tenants');
    const page = readFileSync(join(folder, 'month.html'), 'utf8');
    expect(JSON.parse(inflatedTexts(page).get('data') ?? '').workload).toEqual({ runs: 200, tenants: 4 });
    expect(page).toMatch(/id="runs"[^>]*value="200"/);
  });

  test('writes traces for other tools, and the verdicts as a badge', async () => {
    const { code, stderr } = await report('--otel', 'spans.json', '--atif', 'atif', '--badge', 'badge.json');
    expect({ code, written: stderr.match(/Written: /g)?.length }).toEqual({ code: 0, written: 3 });
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    expect(read('spans.json').resourceSpans).toHaveLength(2);
    expect(readdirSync(join(folder, 'atif'))).toEqual([
      'crm-top-customers.classic.1.trajectory.json',
      'crm-top-customers.code.1.trajectory.json',
    ]);
    expect(read('badge.json').message).toMatch(/^(code|classic|either) 1$/);
    expect(JSON.parse((await report('--badge', '-')).stdout)).toEqual(read('badge.json'));
  });

  test('writes any format to a file, but not over what the run left nor where nothing can be written', async () => {
    expect((await report('--csv', 'out/report.csv')).code).toBe(0);
    expect(readFileSync(join(folder, 'out/report.csv'), 'utf8')).toBe((await report('--csv', '-')).stdout);
    const before = readFileSync(join(folder, 'out/summary.json'), 'utf8');
    const over = await report('--md', 'out/summary.json');
    expect(over.code).toBe(2);
    expect(over.stderr).toContain('out/summary.json is a file of the run itself');
    const folders = await report('--atif', 'out/summary.json');
    expect(folders.code).toBe(2);
    expect(folders.stderr).toContain('out/summary.json cannot be made');
    expect(readFileSync(join(folder, 'out/summary.json'), 'utf8')).toBe(before);
    const nowhere = await report('--html', 'missing/page.html');
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain('missing/page.html cannot be written');
    const folderInstead = await report('--md', 'out/trials');
    expect(folderInstead.code).toBe(2);
    expect(readdirSync(join(folder, 'out'))).not.toContain('trials.tmp');
  });

  test('keeps two sizes of one scenario apart, each with its own verdict', async () => {
    const args = [
      'run',
      'crm-contact-lookup',
      '--param',
      'contacts=60',
      '--variants',
      'classic',
      '--out',
      'b',
    ];
    await patternbench(args, { cwd: folder });
    const [first, second] = ['out', 'b'].map((name) =>
      JSON.parse(readFileSync(join(folder, name, 'summary.json'), 'utf8')),
    );
    const asLookup = (of: { scenario: string }[]) =>
      of.map((each) => ({ ...each, scenario: 'crm-contact-lookup' }));
    const both = makeFolder({
      'summary.json': JSON.stringify({
        ...second,
        planned: 3,
        results: [...asLookup(first.results), ...second.results],
        verdicts: [...asLookup(first.verdicts), ...second.verdicts],
      }),
    });
    const { stdout } = await patternbench(['report', both, '--md', '-']);
    const sections = stdout.split(/^## /m).slice(1);
    expect(sections.map((section) => /^\S+ \(contacts=\d+/.exec(section)?.[0])).toEqual([
      'crm-contact-lookup (contacts=300',
      'crm-contact-lookup (contacts=60',
    ]);
    expect(sections.map((section) => /Verdict: (\w+)/.exec(section)?.[1])).toEqual(['code', 'insufficient']);
  });

  test('shows one workflow of a run, and names the nearest where there is none of that name', async () => {
    const one = await report('crm-top-customers');
    expect(one.code).toBe(0);
    expect(one.stdout).toMatch(/^ {2}crm-top-customers {2}contacts=300/m);
    const other = await report('crm-top-customer');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('Nearest: crm-top-customers.');
  });

  test('prints one format at a time', async () => {
    const { code, stdout, stderr } = await report('--json', '--md', '-');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      '--json and --md both write to standard output. Leave one out, or give it a file.',
    );
  });

  test('refuses a summary of another format and says so', async () => {
    const other = makeFolder({ 'summary.json': '{"format":"patternbench.summary/v9"}' });
    const { code, stderr } = await patternbench(['report', other]);
    expect(code).toBe(2);
    expect(stderr).toContain('patternbench.summary/v1');
  });
});
