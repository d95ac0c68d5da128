import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditCall, AuditRecord } from '../results/audit.ts';
import { summarySchema } from '../results/summary.ts';
import { makeFolder, patternbench, patternbenchApart } from '../testing/command-line.ts';
import { ownScenario, pingTool, scriptServer } from '../tools/pin/testing/server-script.ts';

function readRecords(run: string): AuditRecord[] {
  const lines = readFileSync(join(run, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}

function callsOf(records: AuditRecord[]): AuditCall[] {
  return records.filter((record) => record.event === 'call');
}

function copyOf(run: string): string {
  const copy = join(makeFolder({}), 'run');
  cpSync(run, copy, { recursive: true });
  return copy;
}

describe('the audit log of a run over a mock server', () => {
  let run = '';
  const args = ['run', 'crm-segment-report', '--param', 'contacts=100', '--set', 'verdict.sizes=false'];
  beforeAll(async () => {
    run = join(makeFolder({}), 'run');
    expect((await patternbench([...args, '--out', run])).code).toBe(0);
  });

  it('verifies, with the calls that the server itself counted', async () => {
    const { code, stdout } = await patternbench(['audit', 'verify', run]);
    expect(code).toBe(0);
    const { results } = summarySchema.parse(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')));
    const calls = results.reduce((sum, result) => sum + result.toolCalls, 0);
    const [classic] = results;
    // Those of the trials, and of the run that found the schedule of the direct calls.
    expect(stdout).toContain(`${calls + (classic?.toolCalls ?? 0)} calls`);
    expect(stdout).toContain("servers' own counts are the same in all 3 trials");
  });

  it('has all that an auditor asks for of each call, in both patterns', () => {
    const calls = callsOf(readRecords(run));
    for (const variant of ['classic', 'code']) {
      const call = calls.find(({ trial }) => trial === `crm-segment-report/${variant}/1`);
      expect(call).toMatchObject({
        run: 'run',
        pattern: variant,
        'mcp.method.name': 'tools/call',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.request.model': 'claude-sonnet-5',
        'gen_ai.response.model': 'claude-sonnet-5',
        decision: 'allowed',
        caller: { kind: variant === 'classic' ? 'model' : 'program' },
        tool: { definition: expect.stringMatching(/^[0-9a-f]{64}$/) },
        server: { name: 'crm', pin: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
    }
  });

  it('leaves summary.json the same in every run but for keys named measured', async () => {
    const again = join(makeFolder({}), 'other');
    await patternbench([...args, '--out', again, '--set', 'servers.auditFsync=true']);
    const withoutMeasured = (folder: string) =>
      JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'), (key, value) =>
        key === 'measured' ? undefined : value,
      );
    expect(withoutMeasured(again)).toEqual(withoutMeasured(run));
    expect(
      callsOf(readRecords(again))
        .map(({ spanId }) => spanId)
        .sort(),
    ).toEqual(
      callsOf(readRecords(run))
        .map(({ spanId }) => spanId)
        .sort(),
    );
  });

  it.each<[string, (file: string, text: string) => void, string]>([
    [
      'changed',
      (file, text) => writeFileSync(file, text.replace('"allowed"', '"refused"')),
      'line 3 was changed',
    ],
    [
      'cut short',
      (file, text) => writeFileSync(file, `${text.split('\n').slice(0, 5).join('\n')}\n`),
      'line 6 is missing',
    ],
    ['torn', (file, text) => truncateSync(file, text.length - 10), 'is torn'],
    ['removed', (file) => rmSync(file), 'audit.jsonl is missing'],
  ])('does not verify where it was %s, and the command exits with 1', async (_, tamper, message) => {
    const copy = copyOf(run);
    const file = join(copy, 'audit.jsonl');
    tamper(file, readFileSync(file, 'utf8'));
    const { code, stderr } = await patternbench(['audit', 'verify', copy]);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  it('is not called a write that was cut off where the run had ended, or where more is lost than that', async () => {
    const cut = async (status: string) => {
      const copy = copyOf(run);
      const summary = join(copy, 'summary.json');
      writeFileSync(
        summary,
        readFileSync(summary, 'utf8').replace('"status": "complete"', `"status": "${status}"`),
      );
      const file = join(copy, 'audit.jsonl');
      truncateSync(file, readFileSync(file).length - 10);
      return patternbench(['audit', 'verify', copy]);
    };
    const ended = await cut('complete');
    const lost = await cut('partial');
    for (const { code, stderr } of [ended, lost]) {
      expect(stderr).toContain('is torn');
      expect(stderr).not.toContain('write was cut off');
      expect(code).toBe(1);
    }
  });

  it('is held against a head that was kept elsewhere', async () => {
    const { measured } = summarySchema.parse(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')));
    const head = measured?.audit.head ?? '';
    expect((await patternbench(['audit', 'verify', run, '--head', head])).code).toBe(0);
    const { code, stderr } = await patternbench(['audit', 'verify', run, '--head', '0'.repeat(64)]);
    expect(code).toBe(1);
    expect(stderr).toContain('not the head that was kept');
  });

  it('is shown as aligned tables, as Markdown or as JSON, of one variant where asked', async () => {
    const { stdout } = await patternbench(['audit', 'show', run, '--variant', 'code']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('crm-segment-report/code/1');
    expect(lines[2]).toMatch(
      /^ +\d+ +1 {2}program [0-9a-f]{6} {2}crm\.list_contacts +\d+ {2}ok +\d+ +[\d.]+$/,
    );
    expect(stdout).not.toContain('/classic/');
    expect(stdout).not.toContain('|');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    const markdown = await patternbench(['audit', 'show', run, '--variant', 'code', '--md', '-']);
    expect(markdown.stdout).toMatch(/^\| seq \| trial /);
    expect(markdown.stdout).toContain('| crm-segment-report/code/1 |');
    const json = await patternbench(['audit', 'show', run, '--variant', 'classic', '--json']);
    const shown = JSON.parse(json.stdout) as AuditRecord[];
    expect(callsOf(shown).every(({ pattern }) => pattern === 'classic')).toBe(true);
    expect(callsOf(shown).length).toBeGreaterThan(0);
  });

  it('is not looked for in a folder that is no run, and its verbs check their usage', async () => {
    expect((await patternbench(['audit', 'verify', makeFolder({})])).code).toBe(2);
    expect((await patternbench(['audit', 'show', makeFolder({})])).code).toBe(2);
    expect((await patternbench(['audit', 'verify'])).code).toBe(2);
    expect((await patternbench(['audit', 'show', run, '--no-such-flag'])).code).toBe(2);
  });
});

describe('what reaches a server', () => {
  const hostile = { ...pingTool, name: 'pi\u202eng|\u200b\u001b[31m' };
  const wipe = { name: 'wipe', inputSchema: { type: 'object' }, annotations: { readOnlyHint: false } };

  async function runOver(options: { tools: object[]; body: string; extra?: string; truth?: unknown }) {
    const server = scriptServer({ tools: options.tools });
    const servers = JSON.stringify({ api: { command: server.command, args: server.args } });
    const cwd = makeFolder(ownScenario({ ...options, servers }));
    const result = await patternbench(['run', './own', '--out', 'out'], { cwd });
    return { server, cwd, out: join(cwd, 'out'), ...result };
  }

  it('is the log, call by call, with the trace context that the log says', async () => {
    const body = `
      const texts = Array.from({ length: 7 }, (_, index) => 'n' + index);
      const answers = await Promise.all(texts.map((text) => mcp.api.ping({ text })));
      return answers[0];`;
    const { server, out, code } = await runOver({ tools: [pingTool], body });
    expect(code).toBe(0);
    const sent = server.calls().map(({ params }) => params?._meta?.traceparent);
    const logged = callsOf(readRecords(out)).map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
    // Seven for the schedule and in each of two trials, and a look at what the tool returns.
    expect(sent).toHaveLength(22);
    expect([...sent].sort()).toEqual([...logged].sort());
    expect(new Set(sent).size).toBe(22);
  });

  it('is no call that the policy refuses, alike in both patterns, and the model is told why', async () => {
    const body = `
      try { await mcp.api.wipe({}); return 'wiped'; } catch (error) { return error.message; }`;
    const reason = 'refused: api.wipe is not annotated read-only, and the scenario does not say writes: true';
    const { server, out, code, stdout } = await runOver({ tools: [pingTool, wipe], body, truth: reason });
    expect(code).toBe(0);
    expect(server.calls()).toEqual([]);
    const { results } = summarySchema.parse(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')));
    expect(results.map(({ refusals, toolCalls, correct }) => [refusals, toolCalls, correct])).toEqual([
      [1, 0, 1],
      [1, 0, 1],
    ]);
    expect(results.map(({ refusalCodes }) => refusalCodes)).toEqual([
      { not_read_only: 1 },
      { not_read_only: 1 },
    ]);
    expect(stdout).toMatch(/tool calls refused by policy: 1 \(1 not read\s+only\)/);
    const calls = callsOf(readRecords(out));
    // Trials that only read go side by side.
    expect(calls.map(({ trial }) => trial).sort()).toEqual([
      'own/classic/1',
      'own/code/1',
      'own/schedule/1',
      'own/schedule/2',
    ]);
    for (const call of calls) expect([call.decision, call.reason]).toEqual(['refused', reason]);
    expect((await patternbench(['audit', 'verify', out])).stdout).toContain('4 refused');
  });

  it('may be written to where the scenario says so', async () => {
    const body = 'return await mcp.api.wipe({});';
    const { server, code } = await runOver({ tools: [wipe], body, extra: 'writes: true,' });
    expect(code).toBe(0);
    // As written, as scheduled, and in each of two trials.
    expect(server.calls()).toHaveLength(4);
  });

  it('is shown with its hidden characters escaped', async () => {
    const body = "return await mcp.api[Object.keys(mcp.api)[0]]({ text: 'x' });";
    const { out, code } = await runOver({ tools: [hostile], body });
    expect(code).toBe(0);
    const table = (await patternbench(['audit', 'show', out])).stdout;
    expect(table).toContain('pi\\u{202e}ng|\\u{200b}');
    const markdown = (await patternbench(['audit', 'show', out, '--md', '-'])).stdout;
    expect(markdown).toContain('pi\\u{202e}ng\\|\\u{200b}\\u{1b}[31m');
    const json = (await patternbench(['audit', 'show', out, '--json'])).stdout;
    for (const text of [table, json]) expect(text).not.toMatch(/\p{Cf}/u);
    expect(callsOf(JSON.parse(json) as AuditRecord[])[0]?.['gen_ai.tool.name']).toBe(hostile.name);
  });
});

describe('a disk that fills up', () => {
  it.skipIf(process.platform === 'win32')('tells how to resume a run that it ends', async () => {
    const entry = resolve(import.meta.dirname, 'patternbench.js');
    const out = join(makeFolder({}), 'run');
    const args = `run crm-contact-lookup --param contacts=60 --variants classic,code --set verdict.sizes=false`;
    const command = `ulimit -f 16; exec "${process.execPath}" "${entry}" ${args} --out "${out}"`;
    const { status, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8', cwd: makeFolder({}) });
    expect(stderr).toMatch(/^\/.* cannot be written: .*\nResume it: patternbench run --resume .*\n$/m);
    expect(stderr).toContain(`--resume ${out}\n`);
    expect(status).toBe(3);
    expect((await patternbenchApart(['run', '--resume', out])).code).toBe(0);
  });

  it.skipIf(process.platform === 'win32')(
    'ends the trial before a call is made that cannot be logged',
    async () => {
      const entry = resolve(import.meta.dirname, 'patternbench.js');
      const out = join(makeFolder({}), 'run');
      const command = `ulimit -f 64; exec "${process.execPath}" "${entry}" run crm-top-customers --param contacts=150 --variants code --set verdict.sizes=false --out "${out}"`;
      const { status, stderr } = spawnSync('bash', ['-c', command], {
        encoding: 'utf8',
        cwd: makeFolder({}),
      });
      expect(stderr).toContain('cannot be written');
      expect(stderr).toContain(`Resume it: patternbench run --resume ${out}\n`);
      expect(status).toBe(3);
      const verified = await patternbench(['audit', 'verify', out]);
      expect(verified.stderr).toContain('is torn');
      expect(verified.stderr).toContain('a write was cut off');
      expect(verified.stderr).toContain('Resuming the run cuts the torn line away');
      expect(verified.code).toBe(1);
      expect((await patternbenchApart(['run', '--resume', out])).code).toBe(0);
      const again = await patternbench(['audit', 'verify', out]);
      expect([again.code, again.stderr]).toEqual([0, '']);
    },
  );
});
