import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { serverCommand } from '../testing/server-command.ts';

/** A folder as `npm init` makes it, with two servers that no program could name. Tools of the first alone need arguments. */
function folder(): string {
  const mcpServers = {
    'my-stock': serverCommand('stock-server.ts'),
    'a-ping': serverCommand('faulty-server.ts', 'tool error'),
  };
  return makeFolder({
    'package.json': '{ "type": "commonjs" }',
    '.mcp.json': JSON.stringify({ mcpServers }),
  });
}

const env = { HOME: makeFolder({}), XDG_CONFIG_HOME: makeFolder({}) };
const read = (cwd: string, path: string) => readFileSync(join(cwd, path), 'utf8');

describe('patternbench init', () => {
  test('writes a workflow that check finds right at once, and types writes its declarations again', async () => {
    const cwd = folder();
    const { code, stdout } = await patternbench(
      ['init', '--tool', 'my-stock.query', '--args', '{"below":3}'],
      { cwd },
    );
    expect(code).toBe(0);
    expect(stdout).toContain('patternbench check ./workflows/first');
    expect(read(cwd, 'workflows/first/program.ts')).toContain('await mcp.my_stock.query({ below: 3 })');
    expect(read(cwd, 'workflows/first/scenario.ts')).toContain("my_stock: { configured: 'my-stock' }");
    const declared = read(cwd, 'workflows/first/mcp.d.ts');
    expect(declared).toMatch(/ a_ping: {[\s\S]*ping\(/);
    // By the configuration, which names all workflows of the folder.
    const checked = await patternbench(['check'], { cwd });
    expect(checked).toMatchObject({ code: 0, stdout: 'first: ok\n' });
    rmSync(join(cwd, 'workflows/first/mcp.d.ts'));
    expect((await patternbench(['types'], { cwd })).code).toBe(0);
    expect(read(cwd, 'workflows/first/mcp.d.ts')).toBe(declared);
  });

  test('with --yes takes a tool that reads and needs no arguments; --ci writes a workflow for GitHub', async () => {
    const cwd = folder();
    const { code, stdout } = await patternbench(['init', 'mine', '--yes', '--ci'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('./mine')]);
    expect(read(cwd, 'mine/program.ts')).toContain('(await mcp.a_ping.ping()) as string');
    expect(read(cwd, '.github/workflows/patternbench.yml')).toContain(
      'uses: your-organisation/patternbench@',
    );
    expect(read(cwd, 'patternbench.config.ts')).toContain("workflows: ['./mine']");
    const again = await patternbench(['init', 'mine', '--yes'], { cwd });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') });
    const below = await patternbench(['init', 'package.json/mine', '--yes'], { cwd });
    expect(below).toMatchObject({ code: 2, stderr: expect.stringContaining('mine cannot be made') });
  });

  test('asks for the tool and its arguments, again where the call fails', async () => {
    const cwd = folder();
    const answers = 'nothing\n4\nmy-stock.query\n{"below":"many"}\n3\n{"below":3}\n';
    const { code, stderr } = await patternbench(['init'], { cwd, stdin: answers });
    expect(code).toBe(0);
    expect(stderr).toContain('3  my-stock.query (below)');
    expect(stderr.split('Tools that only read')).toHaveLength(2);
    expect(stderr).toContain('There is no tool "nothing"');
    expect(stderr).toContain('below must be number');
    expect(read(cwd, 'workflows/first/program.ts')).toContain('my_stock.query({ below: 3 })');
  });

  test('writes nothing where no one answers, and calls no tool that writes unless it may', async () => {
    const cwd = folder();
    const silent = await patternbench(['init'], { cwd });
    expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const reorder = ['init', '--tool', 'my-stock.reorder', '--args', '{"id":1}'];
    expect(await patternbench(reorder, { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Call it with --writes'),
    });
    expect(existsSync(join(cwd, 'workflows'))).toBe(false);
    expect((await patternbench([...reorder, '--writes'], { cwd })).code).toBe(0);
    expect(read(cwd, 'workflows/first/scenario.ts')).toContain('writes: true');
  });

  test('without servers says how to name some, and which other clients have', async () => {
    const none = await patternbench(['init'], { cwd: makeFolder({}), env });
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('"mcpServers"') });
    const cwd = makeFolder({ '.cursor/mcp.json': '{ "mcpServers": { "linear": {} } }' });
    const { stderr } = await patternbench(['init'], { cwd, env });
    expect(stderr).toContain(`${join(cwd, '.cursor/mcp.json')}: linear`);
  });
});
