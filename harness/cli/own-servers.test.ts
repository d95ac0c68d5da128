import { readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';

const root = resolve(import.meta.dirname, '../..');

/** The files that the README tells people to write for servers of their own. */
function readmeFiles(): Record<string, string> {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return Object.fromEntries(
    [...readme.matchAll(/```\w+ file=(\S+)\n([\s\S]*?)```/g)].map(([, path = '', text = '']) => [path, text]),
  );
}

const invoices = Object.fromEntries(
  Array.from({ length: 25 }, (_, index) => [
    `invoices/${index + 1}.json`,
    JSON.stringify({ number: index + 1, amount: 100 + index, lines: 'x'.repeat(2000) }),
  ]),
);
const env = { PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) };

describe("a scenario of one's own over a server of one's own, as the README describes it", () => {
  test('runs in both patterns against the real file-system server, right in each', async () => {
    const cwd = makeFolder({ ...readmeFiles(), ...invoices });
    const { code, stdout, stderr } = await patternbench(['run', './invoice-total', '--json'], { cwd, env });
    expect(stderr).toContain('invoice-total · code: correct');
    expect(code).toBe(0);
    const { results, verdicts } = JSON.parse(stdout);
    expect(
      results.map((result: { correct: number; toolCalls: number }) => [result.correct, result.toolCalls]),
    ).toEqual([
      [1, 26],
      [1, 26],
    ]);
    expect(results[0].tools).toBeGreaterThan(10);
    expect(verdicts[0].pattern).toBe('code');
  });

  test('is graded: an answer that misses a file is wrong in both patterns', async () => {
    const files = readmeFiles();
    const program = (files['invoice-total/program.ts'] ?? '').replace('names.map', 'names.slice(1).map');
    const cwd = makeFolder({ ...files, ...invoices, 'invoice-total/program.ts': program });
    const { code, stdout } = await patternbench(['run', './invoice-total', '--json'], { cwd, env });
    expect(code).toBe(0);
    const { results, verdicts } = JSON.parse(stdout);
    expect(results.map((result: { correct: number }) => result.correct)).toEqual([0, 0]);
    expect(verdicts[0].pattern).toBe('neither');
  });

  test('is inspected: every tool of the server with what its definition costs', async () => {
    const cwd = makeFolder({ ...readmeFiles(), ...invoices });
    const { code, stdout } = await patternbench(['inspect'], { cwd, env });
    expect(code).toBe(0);
    expect(stdout).toContain('files.read_text_file');
    expect(stdout).toMatch(/\d+ tools\. Up front, classic declares/);
  });
});
