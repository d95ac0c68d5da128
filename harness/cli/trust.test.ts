import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { mcpJson, ownScenario, pingTool, scriptServer } from '../tools/pin/testing/server-script.ts';

const body = 'return await mcp.api.ping({});';

describe('a scenario that brings a command', () => {
  const brings = ({ command, args }: { command: string; args: string[] }) =>
    makeFolder(ownScenario({ body, servers: JSON.stringify({ api: { command, args } }) }));

  it.each([
    ['run', './own', '--out', 'out'],
    ['run', './own', '--dry-run'],
    ['check', './own'],
    ['tools', '--pin', '--scenario', './own'],
  ])('is refused by %s %s before anything is started, with the way out', async (...args) => {
    const server = scriptServer({ tools: [pingTool] });
    const { code, stderr } = await patternbench(args, { cwd: brings(server), trust: false });
    expect(stderr).toContain('scripted-server.ts');
    expect(stderr).toContain('add --trust once');
    expect(code).toBe(2);
    expect(server.log()).toEqual([]);
  });

  it('runs with --trust, and from then on without it', async () => {
    const server = scriptServer({ tools: [pingTool] });
    const cwd = brings(server);
    const run = (...args: string[]) => patternbench(['run', './own', ...args], { cwd, trust: false });
    const first = await run('--out', 'out', '--trust');
    expect(first.stderr).toContain('Accepted and recorded in');
    expect(first.code).toBe(0);
    expect((await run('--out', 'again')).code).toBe(0);
    // In each run as written, as scheduled, and in two trials.
    expect(server.calls()).toHaveLength(8);
  });

  it('is no freer with an .mcp.json that lies in its own folder', async () => {
    const server = scriptServer({ tools: [pingTool] });
    const cwd = makeFolder({
      ...ownScenario({ body, servers: "{ api: { configured: 'shop' } }" }),
      'own/.mcp.json': mcpJson({ shop: server }),
    });
    const { code, stderr } = await patternbench(['run', './own', '--out', 'out'], { cwd, trust: false });
    expect(code).toBe(2);
    expect(stderr).toContain('came with a scenario');
    expect(server.log()).toEqual([]);
  });

  it("is free with an .mcp.json of the user's own, and nothing is recorded", async () => {
    const cwd = makeFolder({
      ...ownScenario({ body, servers: "{ api: { configured: 'shop' } }" }),
      '.mcp.json': mcpJson({ shop: scriptServer({ tools: [pingTool] }) }),
    });
    expect((await patternbench(['run', './own', '--out', 'out'], { cwd, trust: false })).code).toBe(0);
    expect((await patternbench(['run', './own', '--out', 'two', '--trust'], { cwd })).code).toBe(0);
    expect(existsSync(join(cwd, 'patternbench.trust.json'))).toBe(false);
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
      environment.filter(
        (name) => !/^(HOME|LOGNAME|PATH|SHELL|TERM|USER|SHOP_TOKEN|PATTERNBENCH_TRIAL_DIR)$/.test(name),
      ),
    ).toEqual([]);
    expect(stdout.length + stderr.length).toBeLessThan(20_000);
    expect(stderr).not.toContain('\u001b[2J');
  });
});
