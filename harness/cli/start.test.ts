import { execFile } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { serverCommand } from '../testing/server-command.ts';

const env = { HOME: makeFolder({}), XDG_CONFIG_HOME: makeFolder({}) };

const configure = (mcpServers: object) => ({ '.mcp.json': JSON.stringify({ mcpServers }) });
const stock = serverCommand('stock-server.ts');

test('without a verb, prints what the servers here cost and the two commands that come next', async () => {
  const cwd = makeFolder(configure({ 'my-stock': stock }));
  const { code, stdout } = await patternbench([], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^1 server, 4 tools\n/);
  expect(stdout).toMatch(/\nmy_stock +4 +\d+ +\d+\n/);
  expect(stdout).toMatch(/carries [\d,]+ tokens in classic \(\$[\d.]+, from the\s+cache \$[\d.]+\)/);
  expect(stdout.match(/^ {2}patternbench \w+/gm)).toEqual(['  patternbench init', '  patternbench tools']);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('names the workflow that is there, and a server that does not start', async () => {
  const cwd = makeFolder({
    ...configure({ stock, gone: { command: 'no-such-program' } }),
    'mine/scenario.ts': '',
  });
  const { code, stdout } = await patternbench([], { cwd, env });
  expect(code).toBe(3);
  expect(stdout).toContain('Not measured: gone.');
  expect(stdout).toMatch(/ patternbench check \.\/mine [\s\S]* patternbench run \.\/mine /);
});

test('without servers, says how to begin and which servers other clients have', async () => {
  const cwd = makeFolder({ '.vscode/mcp.json': '{ "servers": { "github": {} } }' });
  const { code, stdout } = await patternbench([], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toContain('.vscode/mcp.json: github');
  expect(stdout.match(/^ {2}patternbench \w+/gm)).toEqual(['  patternbench run', '  patternbench init']);
});

test('through npm, works in the folder it was asked from, whose servers find no command of patternbench', async () => {
  const root = resolve(import.meta.dirname, '../..');
  const bin = join(root, 'node_modules/.bin');
  const folder = makeFolder(configure({ ours: { command: 'vitest' } }));
  const run = (INIT_CWD: string) =>
    new Promise<string>((done) => {
      const path = [bin, process.env.PATH ?? ''].join(delimiter);
      const options = {
        cwd: root,
        env: { ...process.env, npm_package_name: 'patternbench', INIT_CWD, PATH: path },
      };
      execFile(
        process.execPath,
        [join(root, 'harness/cli/patternbench.js'), 'tools'],
        options,
        (_, out, err) => done(out + err),
      );
    });
  expect(await run(folder)).toContain('There is no such command on the PATH');
});
