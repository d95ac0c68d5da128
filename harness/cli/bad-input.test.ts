import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type CommandResult,
  makeFolder,
  patternbench,
  patternbenchApart,
  patternbenchProcess,
} from '../testing/command-line.ts';
import { pingScenario, scenarioFiles } from '../testing/scenario-files.ts';

/** Runs a scenario folder of these files; `extra` are further arguments. */
async function runScenario(files: Record<string, string>, extra: string[] = [], by = patternbench) {
  const folder = makeFolder(
    Object.fromEntries(Object.entries(files).map(([path, text]) => [join('mine', path), text])),
  );
  const result = await by(['run', './mine', '--out', 'out', ...extra], { cwd: folder });
  const file = join(folder, 'out/summary.json');
  return { ...result, summary: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined };
}

function expectUsageError(result: CommandResult, ...words: string[]): void {
  for (const word of words) expect(result.stderr).toContain(word);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.stdout).toBe('');
  expect(result.code).toBe(2);
}

describe('wrong usage exits with 2 and says what to do', () => {
  test.each([
    ['variant', ['run', '--variants', 'zzzz'], 'Unknown variant "zzzz". Known: classic,'],
    ['model', ['run', '--model', 'qqqq'], 'Unknown model "qqqq". Known: claude-'],
    ['latency profile', ['run', '--set', 'latencyProfile=zzzz'], 'profile "zzzz". Known: fast,'],
    ['parameter', ['run', 'crm-top-customers', '--param', 'qqqq=1'], 'parameter "qqqq". Known: contacts,'],
    ['scenario', ['run', 'qqqq'], 'Unknown scenario "qqqq". Known: '],
    ['server', ['tools', 'qqqq'], 'There is no server "qqqq". Known: '],
  ])('a %s that is like none names no nearest, but what is known', async (_, args, says) => {
    const { code, stderr } = await patternbench(args);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('Nearest');
    expect(code).toBe(2);
  });

  test.each([
    ['an unknown verb', ['rnu'], ["unknown command 'rnu'", 'run']],
    ['an unknown flag', ['run', '--trails', '2'], ["unknown option '--trails'", '--trials']],
    ['a setting as a flag', ['run', '--tool-timeout', '2'], ['--set limits.tool=']],
    [
      'an unknown scenario',
      ['run', 'crm-top-costumers'],
      ['Unknown scenario "crm-top-costumers"', 'crm-top-customers'],
    ],
    ['a folder that does not exist', ['run', './nowhere'], ['nowhere does not exist']],
    [
      'an unknown parameter',
      ['run', 'crm-top-customers', '--param', 'contact=5'],
      ['"contact"', 'Nearest: contacts'],
    ],
    [
      'a parameter that is no number',
      ['run', 'crm-top-customers', '--param', 'contacts=many'],
      ['contacts', 'whole number', '"many"'],
    ],
    [
      'a parameter out of range',
      ['run', 'crm-top-customers', '--param', 'contacts=0'],
      ['contacts', 'from 1', '"0"'],
    ],
    ['a parameter without a value', ['run', '--param', 'contacts'], ['name=value']],
    [
      'a choice that is not offered',
      ['run', 'crm-segment-report', '--param', 'segment=large'],
      ['enterprise', '"large"'],
    ],
    ['an unknown variant', ['run', '--variants', 'clasic'], ['Unknown variant "clasic"', 'classic']],
    ['an unknown model', ['run', '--model', 'claude-sonet-5'], ['Unknown model', 'claude-sonnet-5']],
    [
      'an unknown latency profile',
      ['run', '--set', 'latencyProfile=quick'],
      ['Unknown latency profile', 'fast, default, slow'],
    ],
    ['a list of models that lacks a name', ['run', '--model', 'claude-sonnet-5,'], ['lacks a name']],
    [
      'standard output for a format that is written to files alone',
      ['report', '.', '--otel', '-'],
      ['--otel: "-" is invalid. Name a file'],
    ],
    ['an isolation level that is none', ['run', '--set', 'servers.isolation=L9'], ['L1, L2, L3']],
    ['a seed that is none', ['run', '--set', 'seed=x'], ['--set seed', 'whole number']],
    ['an unknown mock server', ['serve', 'crn'], ['crn', 'crm']],
    [
      'an unknown option of a mock server',
      ['serve', 'crm', '--option', 'contracts=5'],
      ['contracts', 'contacts'],
    ],
    ['a port without HTTP', ['serve', 'crm', '--port', '8080'], ['--port', '--http']],
    ['a report of a folder without a run', ['report', '.'], ['summary.json', 'directory of a run']],
    ['an unknown report format', ['report', '.', '--pdf', 'x'], ['--pdf', '--help']],
    ['an unknown server to measure', ['tools', 'crn'], ['crn', 'crm']],
    ['a server named as what every object has', ['tools', 'constructor'], ['There is no server', 'crm']],
    ['a server named __proto__', ['tools', '__proto__'], ['There is no server', 'crm']],
    [
      'an MCP configuration that is not there',
      ['tools', '--mcp-config', 'none.json'],
      ['none.json', 'does not exist'],
    ],
    [
      'an MCP configuration that is not there, where no server is configured',
      ['run', 'crm-contact-lookup', '--mcp-config', 'none.json'],
      ['none.json', 'does not exist'],
    ],
    [
      'an MCP configuration that is a folder',
      ['run', 'crm-contact-lookup', '--mcp-config', '.'],
      ['cannot be read', 'EISDIR'],
    ],
  ])('%s', async (_, args, words) => {
    expectUsageError(await patternbench(args), ...words);
  });

  test.each([
    ['the value of an option', ['run', '--trials'], '--trials: '],
    ['a verb', [], 'unknown command'],
    ['a verb below a verb', ['audit'], 'unknown command'],
    ['a scenario', ['run'], 'Unknown scenario'],
  ])('%s that steers terminals, or fills them, is shown escaped and cut', async (_, args, says) => {
    const hostile = `\x1b]0;owned\x07\u202e${'x'.repeat(100_000)}`;
    const { code, stderr } = await patternbench([...args, hostile]);
    expect(stderr).toContain(says);
    expect(stderr).toContain('\\u{1b}]0;owned');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(stderr).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(stderr.length).toBeLessThan(4_000);
    expect(code).toBe(2);
  });

  test.each([
    [
      'a scenario that does not parse',
      { 'scenario.ts': 'export default {\n  title: \n};' },
      ['scenario.ts', 'does not load'],
    ],
    [
      'a scenario that lacks a field',
      { 'scenario.ts': "export default { title: 'x', description: 'y', servers: {}, graders: [] };" },
      ['scenario.ts', 'task', 'graders'],
    ],
    [
      'a scenario with a field that is unknown',
      { 'scenario.ts': "export default { titel: 'x' };" },
      ['titel'],
    ],
    ['a scenario without a program', { 'program.ts': undefined }, ['program.ts', 'does not exist']],
    [
      'a program that exports nothing',
      { 'program.ts': 'const x = 1;' },
      ['program.ts', 'export default async function'],
    ],
    [
      'a program that is no function declaration',
      { 'program.ts': 'export default async (mcp) => 1;' },
      ['program.ts', 'has no braces'],
    ],
    ['a server that is not configured', { 'scenario.ts': undefined }, ['scenario.ts']],
  ])('%s', async (_, change, words) => {
    const files: Record<string, string | undefined> = { ...scenarioFiles({ body: 'return 1;' }), ...change };
    const kept = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
    expectUsageError(await runScenario(Object.fromEntries(kept)), ...words);
  });

  test('a server that no .mcp.json configures', async () => {
    const files = scenarioFiles({
      body: 'return mcp.server.ping({});',
      servers: "{ server: { configured: 'files' } }",
    });
    expectUsageError(await runScenario(files), 'files', '.mcp.json', '--mcp-config');
  });
});

describe('a server that fails is infrastructure: exit code 3, never a wrong answer', () => {
  test.each<[string, string, string[], string[]?]>([
    ['does not start', 'exit at once', ['could not be started', 'configuration file is missing']],
    [
      'answers garbage',
      'garbage from the start',
      ['could not be started', 'not JSON-RPC'],
      ['--set', 'limits.connect=2000ms'],
    ],
    [
      'never answers',
      'hang from the start',
      ['could not be started', 'within 0.30 s'],
      ['--set', 'limits.connect=300ms'],
    ],
    ['crashes in the middle', 'crash', ['failed in the middle of fail', 'segmentation fault']],
    [
      'answers a call with garbage',
      'garbage',
      ['failed in the middle of fail', 'not JSON-RPC'],
      ['--set', 'limits.tool=300ms'],
    ],
    [
      'hangs in a call',
      'hang',
      ['failed in the middle of fail', 'within 0.30 s'],
      ['--set', 'limits.tool=300ms'],
    ],
  ])('that %s', async (_, fault, words, limits = []) => {
    // With a limit this short, nothing else may run into it.
    const first = limits.length > 0 ? '' : 'await mcp.server.ping({});\n';
    const files = scenarioFiles({ fault, body: `${first}return mcp.server.fail({});` });
    const { code, stdout, stderr, summary } = await runScenario(files, limits);
    for (const word of words) expect(stderr.toLowerCase()).toContain(word.toLowerCase());
    expect(code).toBe(3);
    expect(stdout).toContain('not measured');
    const statuses = summary.results.map((result: { status: string; correct: unknown }) => [
      result.status,
      result.correct,
    ]);
    expect(statuses).toEqual([
      ['infrastructure_error', null],
      ['infrastructure_error', null],
    ]);
    expect(summary.verdicts[0].pattern).toBe('insufficient');
  });

  test('that lacks a tool which the program calls', async () => {
    const { code, stderr } = await runScenario(scenarioFiles({ body: 'return mcp.server.pong({});' }));
    expect(stderr).toContain('calls mcp.server.pong');
    expect(stderr).toContain('Nearest: ping');
    expect(code).toBe(3);
  });

  test('that has no tool like the one which the program calls names those that it has', async () => {
    const { stderr } = await runScenario(scenarioFiles({ body: 'return mcp.server.qqqq({});' }));
    expect(stderr).toMatch(/calls mcp\.server\.qqqq, which server "server" does not have\. Known: \w+/);
    expect(stderr).not.toContain('Nearest');
  });

  test('and its trials do not stop the others', async () => {
    const folder = makeFolder({});
    const broken = makeFolder(scenarioFiles({ fault: 'exit at once', body: 'return mcp.server.ping({});' }));
    const args = ['run', broken, 'crm-contact-lookup', '--param', 'contacts=10', '--json', '--out', 'out'];
    const { code, stdout } = await patternbench(args, { cwd: folder });
    expect(code).toBe(3);
    const statuses = JSON.parse(stdout).results.map((result: { status: string }) => result.status);
    expect(statuses).toEqual(['infrastructure_error', 'infrastructure_error', 'completed', 'completed']);
  });
});

describe("a tool's own error is a result that the program can handle", () => {
  const body = "try { await mcp.server.fail({}); } catch (error) { return 'caught: ' + error.message; }";

  test.each([
    ['an error result', 'tool error', 'caught: the record is locked'],
    ['a protocol error', 'protocol error', 'caught: MCP error -32603: database is down'],
  ])('as %s, alike in both patterns', async (_, fault, truth) => {
    const { code, summary } = await runScenario(scenarioFiles({ fault, body, truth }));
    expect(code).toBe(0);
    expect(summary.results.map((result: { correct: number }) => result.correct)).toEqual([1, 1]);
  });
});

describe('a program that fails is a result: exit code 0, and the reason is shown', () => {
  test.each<[string, string, string[], Record<string, number>?]>([
    ['throws', "throw new TypeError('no such thing');", ['TypeError', 'no such thing']],
    ['does not parse', 'return eval("(");', ['SyntaxError']],
    ['never ends', 'await mcp.server.ping({});\nfor (;;) {}', ['timeout'], { cpuMs: 150 }],
    ['waits for ever', 'await mcp.server.ping({});\nawait new Promise(() => {});', ['']],
    [
      'allocates without end',
      'const kept = [];\nfor (;;) kept.push(new Array(1000).fill(1.5));',
      ['oom'],
      { memoryBytes: 16 * 1024 * 1024 },
    ],
    ['returns what is not JSON', 'return { amount: 10n };', ['BigInt']],
  ])('that %s', async (_, body, words, limits) => {
    const files = scenarioFiles({ body, ...(limits && { limits }) });
    // Those with a limit do not end by themselves.
    const { code, stdout, summary } = await runScenario(files, [], limits ? patternbenchApart : patternbench);
    expect(code).toBe(0);
    for (const { status, correct } of summary.results) {
      expect(['model_stopped', 'completed']).toContain(status);
      expect(correct).toBe(0);
    }
    for (const word of words) expect(stdout.replace(/\s+/g, ' ')).toContain(word);
    expect(summary.verdicts[0].pattern).toBe('neither');
  });

  test('that prints without end', async () => {
    const body =
      "for (let i = 0; i < 200000; i += 1) console.log('x'.repeat(100));\nreturn mcp.server.ping({});";
    const { code, summary } = await runScenario(scenarioFiles({ body }));
    expect(code).toBe(0);
    const code_ = summary.results.find((result: { variant: string }) => result.variant === 'code');
    expect(code_.tokens.billed).toBeLessThan(500_000);
  });
});

describe('an interrupt', () => {
  test('ends the run with what was finished on disk, exit code 130, and no child left', async () => {
    const stuck = scenarioFiles({ fault: 'hang', body: 'return mcp.server.fail({});' });
    const folder = makeFolder({
      ...pingScenario(),
      ...Object.fromEntries(Object.entries(stuck).map(([path, text]) => [`stuck/${path}`, text])),
    });
    // One after another, so that it is known which have ended: the second never does.
    const args = ['run', './ping', './stuck', '--set', 'limits.concurrency=1', '--out', 'out'];
    let pid = 0;
    const result = await patternbenchProcess(args, {
      cwd: folder,
      onStart: (child) => {
        pid = child.pid ?? 0;
        child.stderr?.on('data', (text: string) => {
          if (text.includes('ping · code: correct')) child.kill('SIGINT');
        });
      },
    });
    expect(result.code).toBe(130);
    expect(result.stderr).toContain('Interrupted: 2 of 4 trials are on disk');
    const summary = JSON.parse(readFileSync(join(folder, 'out/summary.json'), 'utf8'));
    expect(summary.status).toBe('partial');
    expect(summary.results).toHaveLength(2);
    expect(summary.verdicts).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(folder, 'out/run.json'), 'utf8')).status).toBe('partial');
    expect(childrenOf(pid)).toEqual([]);
  });
});

/** Command lines of processes whose parent was this one, or that still name its scratch server. */
function childrenOf(pid: number): string[] {
  if (!existsSync(`/proc/${pid}`)) return [];
  return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
}
