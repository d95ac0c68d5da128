import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { trialDirReference } from '../scenario/servers.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { runIn, withoutMeasured } from '../testing/live-run.ts';
import { serverCommand } from '../testing/server-command.ts';
import { stockFiles } from '../testing/stock-files.ts';
import { serveStock } from '../testing/stock-server.ts';

const both = ['./reorder', '--variants', 'classic,code'];

const serverAt = (file: string) => JSON.stringify(serverCommand('stock-server.ts', file));

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function openStock() {
  const stock = await serveStock();
  closers.push(stock.close);
  return stock;
}

async function verdictOn(files: Record<string, string>, ...args: string[]) {
  const { code, summary, stderr } = await runIn(makeFolder(files), [...both, ...args]);
  const [verdict] = summary?.verdicts ?? [];
  if (!verdict) throw new Error(stderr);
  return { code, verdict, summary };
}

describe('a workflow that changes the data of its server', () => {
  test('gets no verdict where its server keeps the changes in a file, and the call that shows it is named', async () => {
    const folder = makeFolder(stockFiles(serverAt('stock.db')));
    const first = await runIn(folder, both);
    expect(first.code).toBe(0);
    const [verdict] = first.summary?.verdicts ?? [];
    expect(verdict).toMatchObject({
      pattern: 'insufficient',
      because: {
        kind: 'unequal_work',
        calls: [{ server: 'stock', tool: 'query', occurrence: 1, variants: ['schedule', 'classic'] }],
      },
    });
    expect(verdict?.reason).toMatch(
      /the trials did not do the same work\. stock\.query gave different results for the same arguments in schedule and classic: asked with \{"below":10\}: .* and \[\] \(1,761 and 2 bytes\)\. .*PATTERNBENCH_TRIAL_DIR/,
    );
    const report = await patternbench(['report', 'out', '--md', '-'], { cwd: folder });
    expect(report.stdout).toContain('did not do the same work');

    // The trial in code is done again: what classic found is known from its record alone.
    const journal = join(folder, 'out', 'results.jsonl');
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
    writeFileSync(journal, `${lines.slice(0, 2).join('\n')}\n`);
    const resumed = await runIn(folder, ['--resume', 'out', '--force']);
    const [again] = resumed.summary?.verdicts ?? [];
    expect(withoutMeasured(again)).toEqual(withoutMeasured(verdict));

    const merged = await patternbench(['merge', 'out', '--out', 'merged', '--json'], { cwd: folder });
    expect(JSON.parse(merged.stdout).verdicts[0].because).toEqual(verdict?.because);
  });

  test.each<[string, string, string]>([
    ["the trial's folder", serverAt(`${trialDirReference}/stock.db`), ''],
    [
      'a setup',
      serverAt('stock.db'),
      "setup: async () => (await import('node:fs')).rmSync(new URL('stock.db', import.meta.url), { force: true }),",
    ],
  ])('is told to be one for code by %s', async (_, server, fields) => {
    const { code, verdict } = await verdictOn(stockFiles(server, fields));
    expect(verdict).toMatchObject({ pattern: 'code', because: { kind: 'cheaper', side: 'code' } });
    expect(code).toBe(0);
  });

  test('gets no verdict over HTTP without a reset, and code with one, also with trials at a time', async () => {
    const { url, resets } = await openStock();
    const without = await verdictOn(stockFiles(JSON.stringify({ url })));
    expect(without.verdict.because).toMatchObject({ kind: 'unequal_work', calls: [{ tool: 'query' }] });
    const reset = { kind: 'request', url: url.replace('/mcp', '/reset') };
    const files = stockFiles(JSON.stringify({ url, reset }));
    const { verdict, summary } = await verdictOn(files, '--trials', '2', '--set', 'limits.concurrency=4');
    expect(verdict.pattern).toBe('code');
    expect(summary?.results.map(({ correct }) => correct)).toEqual([1, 1]);
    // Four trials, and the program as it is written and as it is scheduled.
    expect(resets()).toBe(6);
  });
});
