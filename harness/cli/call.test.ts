import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { serverCommand } from '../testing/server-command.ts';

/** A folder whose `.mcp.json` has a stock that keeps its state, with a name that no program could have. */
function folder(): string {
  const cwd = makeFolder({});
  const stock = serverCommand('stock-server.ts', join(cwd, 'stock.db'));
  return makeFolder({ '.mcp.json': JSON.stringify({ mcpServers: { 'my-stock': stock } }) });
}

describe('patternbench call', () => {
  test('shows the value as a program gets it, and its type where no schema declares it', async () => {
    const { code, stdout, stderr } = await patternbench(['call', 'my-stock', 'query', '{"below":1}'], {
      cwd: folder(),
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[0]).toEqual({ id: 23, stock: 0 });
    expect(stderr).toContain('mcp.my_stock.query gives { id: number; stock: number }[]');
    expect(stderr).toContain('no output schema');
  });

  test('makes no call that writes without --writes', async () => {
    const cwd = folder();
    const reorder = ['call', 'my-stock', 'reorder', '{"id":23}'];
    const refused = await patternbench(reorder, { cwd });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('my-stock.reorder is not annotated read-only. Call it with --writes');
    const left = await patternbench(['call', 'my-stock', 'query', '{"below":1}'], { cwd });
    expect(left.stdout).toContain('23');
    const made = await patternbench([...reorder, '--writes'], { cwd });
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('"ordered": 1') });
  });

  test("ends with 1 where the tool itself fails, as a program's call throws", async () => {
    const { code, stdout, stderr } = await patternbench(['call', 'my-stock', 'fail', '--writes'], {
      cwd: folder(),
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('threw ToolError: out of order');
  });

  test.each([
    [
      'wrong arguments, with the declaration',
      ['query', '{}'],
      /property 'below'[\s\S]*function query\(args: /,
    ],
    ['a misspelt tool', ['qeury'], /has no tool "qeury". Nearest: query/],
    ['what is not JSON', ['query', '{below:1}'], /not JSON: {below:1}/],
    ['an array', ['query', '[1]'], /not a JSON object/],
  ])('refuses %s', async (_, asked, message) => {
    const { code, stderr } = await patternbench(['call', 'my-stock', ...asked], { cwd: folder() });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

test('tools --declarations prints valid names of servers and functions', async () => {
  const { code, stdout } = await patternbench(['tools', '--declarations'], { cwd: folder() });
  expect(code).toBe(0);
  expect(stdout).toMatch(/declare const mcp: {\n my_stock: {\n[\s\S]* {2}query\(args: { below: number }\)/);
});

test('call, declarations, the first screen and init keep secrets to themselves', async () => {
  const canary = 'sk-argument+7f3a/9b2c=d1';
  const own = serverCommand('revealing-server.ts', 'good', `\${CANARY}`);
  const cwd = makeFolder({ '.mcp.json': JSON.stringify({ mcpServers: { own } }) });
  const env = { CANARY: canary };
  const asked = [
    ['call', 'own', 'ping'],
    ['call', 'own', 'fail'],
    ['call', 'own', 'ping', '{"text":1}'],
    ['tools', '--declarations'],
    [],
    ['init', '--tool', 'own.ping'],
  ];
  let shown = '';
  for (const args of asked) {
    const { stdout, stderr } = await patternbench(args, { cwd, env });
    shown += stdout + stderr;
  }
  const files = ['scenario.ts', 'program.ts', 'mcp.d.ts'].map((name) =>
    readFileSync(join(cwd, 'workflows/first', name), 'utf8'),
  );
  expect(shown).toContain('[redacted: variable CANARY]');
  expect(shown + files.join('')).not.toMatch(/7f3a|N2YzY/);
});
