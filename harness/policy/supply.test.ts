import { describe, expect, it } from 'vitest';
import { mcpJson, ownScenario, pingTool, scriptServer } from '../pin/testing/server-script.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { explainRisk } from './supply.ts';

describe('the command of a server', () => {
  it.each<[string, string[]]>([
    ['npx', ['-y', 'some-server']],
    ['/usr/bin/npx', ['some-server']],
    ['npx.cmd', ['-y', 'some-server']],
    ['C:\\node\\NPX.CMD', ['some-server']],
    ['npm', ['exec', '--yes', 'some-server']],
    ['npm', ['--silent', 'x', 'some-server']],
    ['pnpm', ['dlx', 'some-server']],
    ['bunx', ['some-server']],
    ['uvx', ['some-server']],
    ['uv', ['run', '--with', 'x', 'some-server']],
    ['docker', ['run', '-i', 'some/image']],
    ['sh', ['-c', 'node server.js']],
    ['/bin/bash', ['server.sh']],
    ['cmd.exe', ['/c', 'server.bat']],
    ['powershell', ['-File', 'server.ps1']],
    ['env', ['node', 'server.js']],
    ['node', ['-e', 'import("node:fs")']],
    ['node', ['--eval=1', 'server.js']],
    ['node', ['--import=data:text/javascript,1']],
    ['python3', ['-c', 'import os']],
    ['deno', ['run', 'https://example.org/server.ts']],
    ['node server.js; rm -rf ~', []],
    ['node', ['server.js', '$(id)']],
    ['node', ['server.js', '`id`']],
    ['node', ['server.js', '&&', 'id']],
    ['node', ['server.js\nid']],
  ])('is refused as %s %j', (command, args) => {
    expect(explainRisk(command, args)).toBeTypeOf('string');
  });

  it.each<[string, string[]]>([
    ['node', ['server.js', '--port=3000', '/tmp/a folder']],
    ['/usr/local/bin/node', ['--import', 'tsx', 'server.ts']],
    ['C:\\Program Files\\nodejs\\node.exe', ['server.js']],
    ['python3', ['-m', 'my_server']],
    ['./server', []],
    ['npm', ['run', 'serve']],
    ['my-server', ['--glob', '*.{json,md}', '--name', "it's"]],
  ])('is let pass as %s %j', (command, args) => {
    expect(explainRisk(command, args)).toBeUndefined();
  });
});

describe('a scenario that brings a command', () => {
  const body = 'return await mcp.api.ping({});';

  function withShell() {
    const server = scriptServer({ tools: [pingTool] });
    const line = [server.command, ...server.args].join(' ');
    return { server, command: 'sh', args: ['-c', `exec ${line}`] };
  }

  it('is refused before anything is started, with the way out', async () => {
    const { server, command, args } = withShell();
    const cwd = makeFolder(ownScenario({ body, servers: JSON.stringify({ api: { command, args } }) }));
    const { code, stderr } = await patternbench(['run', './own', '--out', 'out'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('sh runs whatever its arguments say');
    expect(stderr).toContain('--allow-command api');
    expect(server.log()).toEqual([]);
  });

  it('runs where the user vouches for the server by name', async () => {
    const { server, command, args } = withShell();
    const cwd = makeFolder(ownScenario({ body, servers: JSON.stringify({ api: { command, args } }) }));
    const { code, stderr } = await patternbench(['run', './own', '--out', 'out', '--allow-command', 'api'], {
      cwd,
    });
    expect(stderr).toContain('correct');
    expect(code).toBe(0);
    expect(server.calls()).toHaveLength(2);
  });

  it('is no freer with an .mcp.json that lies in its own folder', async () => {
    const { server, command, args } = withShell();
    const cwd = makeFolder({
      ...ownScenario({ body, servers: "{ api: { configured: 'shop' } }" }),
      'own/.mcp.json': mcpJson({ shop: { command, args } }),
    });
    const { code, stderr } = await patternbench(['run', './own', '--out', 'out'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('which came with the scenario');
    expect(server.log()).toEqual([]);
  });

  it("is free with an .mcp.json of the user's own", async () => {
    const { command, args } = withShell();
    const cwd = makeFolder({
      ...ownScenario({ body, servers: "{ api: { configured: 'shop' } }" }),
      '.mcp.json': mcpJson({ shop: { command, args } }),
    });
    expect((await patternbench(['run', './own', '--out', 'out'], { cwd })).code).toBe(0);
  });

  it('is told when a server is vouched for that nothing brings', async () => {
    const args = ['run', 'crm-contact-lookup', '--param', 'contacts=5', '--allow-command', 'api'];
    const { code, stderr } = await patternbench(args);
    expect(code).toBe(2);
    expect(stderr).toContain('--allow-command api has no effect');
  });
});

describe('a server that is started', () => {
  it('gets no variable that is not listed, and cannot flood or steer the terminal', async () => {
    const server = scriptServer({ tools: [pingTool], noiseBytes: 20_000_000 });
    const cwd = makeFolder({
      ...ownScenario({ body: 'return await mcp.api.ping({});', servers: "{ api: { configured: 'shop' } }" }),
      '.mcp.json': mcpJson({ shop: { ...server, env: { SHOP_TOKEN: 'given' } } }),
    });
    const env = { CANARY_SECRET: 'sk-canary' };
    const { code, stdout, stderr } = await patternbench(['run', './own', '--out', 'out'], { cwd, env });
    expect(code).toBe(0);
    const environment = server.log()[0]?.environment ?? [];
    expect(environment).toContain('SHOP_TOKEN');
    expect(environment).not.toContain('CANARY_SECRET');
    expect(
      environment.filter((name) => !/^(HOME|LOGNAME|PATH|SHELL|TERM|USER|SHOP_TOKEN)$/.test(name)),
    ).toEqual([]);
    expect(stdout.length + stderr.length).toBeLessThan(20_000);
    expect(stderr).not.toContain('\u001b[2J');
  });
});
