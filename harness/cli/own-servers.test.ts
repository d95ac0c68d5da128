import { readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { officialServers } from '../testing/official-servers.ts';

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
type Schema = { frame: number; fields: { path: string; tokens: number; fields: { path: string }[] }[] };
type MeasuredTool = {
  server: string;
  tool: string;
  inputSchema: number;
  outputSchema: number | null;
  fields: { input: Schema; output: Schema | null };
};

const sumOf = ({ frame, fields }: Schema) => fields.reduce((sum, { tokens }) => sum + tokens, frame);

const env = { PATH: [await officialServers(), process.env.PATH].join(delimiter) };

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

  test('says what its definitions cost: up front, against real servers, and which tools are dearest', async () => {
    const cwd = makeFolder({ ...readmeFiles(), ...invoices });
    const { code, stdout } = await patternbench(['tools'], { cwd, env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 server, 14 tools$/m);
    expect(stdout).toMatch(/^classic +[\d,]+ /m);
    expect(stdout).toMatch(/^files +14 +[\d,]+ +[\d.]+ % +\d+ % /m);
    expect(stdout).toMatch(/^ 1\. files\.\w+ +[\d,]+ tokens$/m);
    expect(stdout).not.toContain('frame of the input schema');
  });

  test('is taken apart field by field, in tables and as JSON, with sums that add up', async () => {
    const cwd = makeFolder({ ...readmeFiles(), ...invoices });
    const measure = (...format: string[]) => patternbench(['tools', 'files', 'crm', ...format], { cwd, env });
    const [{ stdout: text }, { code, stdout }] = await Promise.all([
      measure('--all', '--md', '-'),
      measure('--json'),
    ]);
    expect(code).toBe(0);
    const { tools }: { tools: MeasuredTool[] } = JSON.parse(stdout);
    expect(new Set(tools.map(({ server }) => server))).toEqual(new Set(['files', 'crm']));
    for (const { inputSchema, outputSchema, fields } of tools) {
      expect(sumOf(fields.input)).toBe(inputSchema);
      expect(fields.output && sumOf(fields.output)).toBe(outputSchema);
    }
    const edit = tools.find(({ tool }) => tool === 'edit_file');
    const edits = edit?.fields.input.fields.find(({ path }) => path === 'edits');
    expect(edit?.fields.input.fields[0]).toBe(edits);
    expect(edits?.fields.map(({ path }) => path).sort()).toEqual(['edits[].newText', 'edits[].oldText']);
    const section = text.split('### ').find((each) => each.startsWith('files.edit_file')) ?? '';
    expect(section).toMatch(new RegExp(`^\\| input\\.edits +\\| +${edits?.tokens} `, 'm'));
    expect(section).toMatch(/^\| ↳ input\.edits\\\[\\\]\.oldText /m);
    expect(section).toMatch(
      new RegExp(`^\\| frame of the input schema +\\| +${edit?.fields.input.frame} `, 'm'),
    );
  });

  test('says from what size deferring its definitions pays, in words and as JSON', async () => {
    const cwd = makeFolder({ ...readmeFiles(), ...invoices });
    const weigh = (...more: string[]) => patternbench(['tools', 'files', '--defer', ...more], { cwd, env });
    const [text, json, both] = await Promise.all([weigh(), weigh('--json'), weigh('--all')]);
    expect([text.code, json.code, both.code]).toEqual([0, 0, 2]);
    expect(text.stdout).toMatch(/^14 definitions take [\d,]+ tokens/m);
    const { deferral, servers } = JSON.parse(json.stdout);
    expect(deferral).toMatchObject({ tools: 14, definitions: servers[0].definitions });
    for (const { change, paysFrom } of deferral.cells) expect(change < 0).toBe(paysFrom.tools <= 14);
  });

  test('is measured also where another server does not start, which is reported and ends with code 3', async () => {
    const { mcpServers } = JSON.parse(readmeFiles()['.mcp.json'] ?? '');
    const config = { mcpServers: { ...mcpServers, broken: { command: 'no-such-program', args: [] } } };
    const cwd = makeFolder({ ...readmeFiles(), ...invoices, '.mcp.json': JSON.stringify(config) });
    const { code, stdout } = await patternbench(['tools'], { cwd, env });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^files /m);
    expect(stdout).toMatch(/^Not measured: broken\. .*no-such-program/m);
  });

  test('is told with all others that do not start, where none does', async () => {
    const mcpServers = { one: { command: 'no-such-one' }, two: { command: 'no-such-two' } };
    const cwd = makeFolder({ '.mcp.json': JSON.stringify({ mcpServers }) });
    const { code, stderr } = await patternbench(['tools'], { cwd, env });
    expect(code).toBe(3);
    expect(stderr).toMatch(/no-such-one[\s\S]*no-such-two/);
  });
});
