import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../results/summary.ts';
import type { SandboxLimits } from '../sandbox/sandbox.ts';
import { makeFolder, patternbench, patternbenchApart } from '../testing/command-line.ts';
import { type RunResult, runIn } from '../testing/live-run.ts';
import { scenarioFiles } from '../testing/scenario-files.ts';

type Case = {
  limits: Partial<SandboxLimits>;
  body: string;
  /** What the model is shown. */
  shown: RegExp;
  ends: Result['programEnds'];
  stopped?: Result['stoppedCalls'];
};

const MIB = 1024 * 1024;
/** The program goes on after a call that was stopped, and returns why it was. */
const goOn = (call: string) =>
  `try { return await ${call}; } catch (error) { return error.code + ': ' + error.message; }`;

/** One limit each, by the name of the scenario. */
const cases: Record<string, Case> = {
  'wall-time': {
    limits: { wallMs: 400 },
    body: 'return await mcp.server.fail({});',
    shown: /^timeout_wall: WallTimeout: The program was still waiting for 1 calls after 400 ms/,
    ends: { timeout_wall: 1 },
  },
  'cpu-time': {
    limits: { cpuMs: 100 },
    body: 'for (;;) {}',
    shown: /^timeout_cpu: CpuTimeout: The program computed for longer than its 100 ms of CPU time/,
    ends: { timeout_cpu: 1 },
  },
  memory: {
    limits: { memoryBytes: 16 * MIB },
    body: 'const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length));',
    shown: /^oom: OutOfMemory: The program used more than 16 MiB of memory/,
    ends: { oom: 1 },
  },
  calls: {
    limits: { calls: 2 },
    body: 'for (let i = 0; i < 3; i += 1) await mcp.server.ping({});',
    shown: /^call_limit: CallLimit: The program made 3 calls; 2 are allowed/,
    ends: { call_limit: 1 },
  },
  'returned-value': {
    limits: { valueBytes: 50 },
    body: "return 'x'.repeat(60);",
    shown: /^output_limit: OutputLimit: The returned value is larger than 50 bytes/,
    ends: { output_limit: 1 },
  },
  output: {
    limits: { logBytes: 100 },
    body: "for (let i = 0; i < 200; i += 1) console.log('y'.repeat(100));",
    shown:
      /^output_limit: OutputLimit: The program printed \d+ bytes; 100 are kept[\s\S]*\[output cut: 100 of \d+ bytes kept\]/,
    ends: { output_limit: 1 },
  },
  'cut-output': {
    limits: { logBytes: 100 },
    body: "for (let i = 0; i < 5; i += 1) console.log('y'.repeat(99)); return 1;",
    shown: /^1\n\nconsole:\ny{99}\n\n\[output cut: 100 of 500 bytes kept\]/,
    ends: { ok: 1 },
  },
  'one-result': {
    limits: { resultBytes: 3 },
    body: goOn('mcp.server.ping({})'),
    shown: /^"result_too_large: The result is larger than 3 bytes; ask for less at once/,
    ends: { ok: 1 },
    stopped: { result_too_large: 1 },
  },
  'argument-size': {
    limits: { argumentBytes: 20 },
    body: goOn("mcp.server.ping({ text: 'z'.repeat(30) })"),
    shown: /^"argument_too_large: mcp.server.ping: The arguments are larger than 20 bytes as JSON/,
    ends: { ok: 1 },
    stopped: { argument_too_large: 1 },
  },
  'argument-depth': {
    limits: { argumentDepth: 2 },
    body: goOn('mcp.server.ping({ a: { b: { c: 1 } } })'),
    shown: /^"invalid_arguments: mcp.server.ping: args.a.b is nested more than 2 levels deep/,
    ends: { ok: 1 },
    stopped: { invalid_arguments: 1 },
  },
  'uncaught-stop': {
    limits: {},
    body: "await mcp.server['pin' + 'k']({});",
    shown: /^guest_error: ToolError: mcp.server has no tool "pink". Nearest: ping/,
    ends: { guest_error: 1 },
    stopped: { unknown_tool: 1 },
  },
};

describe('a program that breaks a limit of its scenario', () => {
  let run: RunResult;
  beforeAll(async () => {
    const folder = makeFolder(
      Object.fromEntries(
        Object.entries(cases).flatMap(([name, { body, limits }]) =>
          Object.entries(scenarioFiles({ body, limits: limits as Record<string, number> })).map(
            ([path, text]) => [`${name}/${path}`, text],
          ),
        ),
      ),
    );
    run = await runIn(
      folder,
      [...Object.keys(cases).map((name) => `./${name}`), '--variants', 'code-blind'],
      { by: patternbenchApart },
    );
    expect(run.stderr).not.toContain('Error:');
    expect(run.code).toBe(0);
  });

  test.each(Object.entries(cases))('%s: the model can read it, and the run counts it', (name, expected) => {
    const result = run.summary?.results.find((each) => each.scenario === name);
    expect(result?.programEnds).toEqual(expected.ends);
    expect(result?.stoppedCalls).toEqual(expected.stopped);
    expect(result?.correct).toBe(0);
    expect(shownToModel(run.folder, name)).toMatch(expected.shown);
  });

  test('is in the report: by kind beside refused calls, in Markdown, CSV and while it runs', async () => {
    const markdown = (await patternbench(['report', 'out', '--md', '-'], { cwd: run.folder })).stdout;
    expect(rowOf(markdown, 'wall-time', 'programs that failed')).toContain('1 of 1 (1 timeout wall)');
    expect(rowOf(markdown, 'one-result', 'tool calls stopped by the sandbox')).toContain(
      '1 (1 result too large)',
    );
    expect(rowOf(markdown, 'cut-output', 'programs that failed')).toBeUndefined();
    const csv = (await patternbench(['report', 'out', '--csv', '-'], { cwd: run.folder })).stdout;
    const [header = '', ...lines] = csv.trim().split('\n');
    const column = header.split(',').indexOf('programs_call_limit');
    const row = lines.find((line) => line.startsWith('calls,'))?.split(',');
    expect(row?.[column]).toBe('1');
    expect(run.stderr).toMatch(/memory · code-blind: .*programs that failed: 1 oom/);
  });
});

/** The result of the first program, as the request after it carried it. */
function shownToModel(folder: string, scenario: string): string {
  const lines = readFileSync(join(folder, `out/trials/${scenario}/code-blind/1.jsonl`), 'utf8')
    .trim()
    .split('\n');
  const blocks = lines
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'request')
    .flatMap(({ appended }) => appended)
    .flatMap(({ content }) => content)
    .filter(({ type }) => type === 'tool_result');
  return blocks.at(-1)?.content[0].text ?? '';
}

function rowOf(markdown: string, scenario: string, item: string): string | undefined {
  const section = markdown.split('\n## ').find((each) => each.replace('## ', '').startsWith(scenario));
  return section?.split('\n').find((line) => line.startsWith(`| ${item}`));
}
