import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSandbox, killAllChildren } from './create.ts';
import { childPids } from './process.ts';
import type { CallResult, GuestCall, OpenProgram, Program, Sandbox } from './sandbox.ts';
import { API, attempt, goneWithin, sharingProcesses } from './testing/harness.ts';

let sandbox: Sandbox;
/** The same, for programs of which only the isolate and what crosses its bridge are looked at. */
let shared: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ warm: 1 });
  shared = sharingProcesses(sandbox);
});
afterAll(() => sandbox.close());

const program = (source: string): Program => ({ source, api: API });
const ok = (value: unknown): CallResult => ({ ok: true, valueJson: JSON.stringify(value) });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('run', () => {
  test('a program calls tools and returns a value', async () => {
    const source = `
      const ids: number[] = [1, 2, 3];
      type Echo = { id: number };
      const all = await Promise.all(ids.map((id: number) => mcp.s.echo({ id }) as Promise<Echo>));
      console.log('got', all.length, { first: all[0] });
      return all.map(({ id }) => id * 2);`;
    const { end, calls } = await attempt(sandbox, source);
    expect(end).toMatchObject({
      status: 'ok',
      valueJson: '[2,4,6]',
      logs: 'got 3 {"first":{"id":1}}\n',
      calls: 3,
    });
    expect(calls).toEqual([1, 2, 3].map((id) => ({ id, server: 's', tool: 'echo', args: { id } })));
    expect(end.unsettled).toEqual([]);
  });

  test('calls start in the order made, never more at once than allowed, and results may come in any order', async () => {
    let now = 0;
    let most = 0;
    const started: number[] = [];
    const end = await sandbox.run(
      program(
        `const seen = []; await Promise.all(Array.from({ length: 40 }, async (_, i) => { await mcp.s.echo({ i }); seen.push(i); })); return seen`,
      ),
      {
        limits: { callsInFlight: 5 },
        async call({ id }) {
          started.push(id);
          most = Math.max(most, ++now);
          await sleep(Math.random() * 5);
          now -= 1;
          return ok(null);
        },
      },
    );
    expect(started).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(most).toBe(5);
    expect(
      end.status === 'ok' && (JSON.parse(end.valueJson ?? '') as number[]).toSorted((a, b) => a - b),
    ).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test('a 3 MB result and 5,000 calls at once fit the default limits', async () => {
    const contacts = Array.from({ length: 5000 }, (_, id) => ({
      id,
      name: `Contact ${id}`,
      note: 'x'.repeat(560),
    }));
    const end = await sandbox.run(
      program(`const all = await mcp.s.list_contacts({});
        const each = await Promise.all(all.map(({ id }) => mcp.s.get_contact({ id })));
        return each.reduce((sum, { id }) => sum + id, 0);`),
      {
        call: async ({ tool, args }) =>
          ok(tool === 'list_contacts' ? contacts : contacts[(args as { id: number }).id]),
      },
    );
    expect(end).toMatchObject({ status: 'ok', valueJson: String((4999 * 5000) / 2), calls: 5001 });
  });

  test('a paused program has all its wall time left, in this process and in its own', async () => {
    const end = await sandbox.run(
      program(`await mcp.s.echo(); const until = Date.now() + 20; while (Date.now() < until); return 'done'`),
      {
        limits: { wallMs: 1_500 },
        async call(_call, _signal, pause) {
          const release = pause();
          await sleep(1_700);
          release();
          return ok(null);
        },
      },
    );
    expect(end).toMatchObject({ status: 'ok', valueJson: '"done"' });
    expect(end.measured.wallMs).toBeLessThan(1_500);
  });

  test('a fault of the infrastructure kills the program and is what run rejects with', async () => {
    const fault = new Error('the server is gone');
    const call = async ({ id }: GuestCall) => {
      if (id === 3) throw fault;
      return ok(1);
    };
    const source = `await Promise.all([1, 2, 3, 4].map(() => mcp.s.echo().catch(() => {}))); return 1`;
    await expect(sandbox.run(program(source), { call })).rejects.toBe(fault);
  });

  test('a fault counts even where the program ends before it could be told', async () => {
    const fault = new Error('the server is gone');
    const call = async ({ id }: GuestCall) => {
      if (id === 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw fault;
      }
      return ok(1);
    };
    const source = `void mcp.s.echo().catch(() => {}); await mcp.s.echo(); const until = Date.now() + 150; while (Date.now() < until); return 'fine'`;
    await expect(sandbox.run(program(source), { call })).rejects.toBe(fault);
  });

  test('when a program ends, calls under way are cancelled and reported as unsettled', async () => {
    const { end, cancelled } = await attempt(
      sandbox,
      `void mcp.s.never(); await mcp.s.echo(); return 'early'`,
    );
    expect(end).toMatchObject({ status: 'ok', calls: 2, unsettled: [1] });
    expect(cancelled).toBe(true);
  });

  test('two programs at once do not notice each other, even if one is hostile', async () => {
    const benign = `let sum = 0; for (let i = 0; i < 50; i++) sum += (await mcp.s.echo({ i })).i; console.log(sum); return sum`;
    const alone = await attempt(sandbox, benign);
    const [beside] = await Promise.all([
      attempt(sandbox, benign),
      attempt(sandbox, `const a = []; for (;;) a.push(new Array(1000).fill(1))`, {
        memoryBytes: 32 * 2 ** 20,
      }),
    ]);
    const { measured: _a, ...left } = alone.end;
    const { measured: _b, ...right } = beside.end;
    expect(right).toEqual(left);
  });

  test('console output keeps its order and says how much was cut', async () => {
    const { end } = await attempt(
      sandbox,
      `for (let i = 0; i < 100; i++) { console.log('line', i); if (i % 10 === 0) await mcp.s.echo(); } return 1`,
      { logBytes: 100 },
    );
    expect(end.logs).toMatch(/^line 0\nline 1\nline 2\n[\s\S]*\n\[output cut: 100 of 790 bytes kept\]\n$/);
    expect(end).toMatchObject({ status: 'ok', logBytes: 790 });
  });

  test('a signal stops a program', async () => {
    const controller = new AbortController();
    const running = sandbox.run(program('for (;;);'), { call: async () => ok(1), signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect(await running).toMatchObject({ status: 'killed' });
    const never = await sandbox.run(program('return 1'), {
      call: async () => ok(1),
      signal: controller.signal,
    });
    expect(never).toMatchObject({ status: 'killed', calls: 0 });
  });
});

describe('errors name the place in the program’s own source', () => {
  const places: { name: string; source: string; expected: object }[] = [
    { name: 'syntax', source: 'const a = 1;\nconst b = ;', expected: { line: 2, column: 11 } },
    { name: 'redeclaration', source: 'const a = 1;\n  let a = 2;', expected: { line: 2, column: 7 } },
    {
      name: 'thrown',
      source: 'type A = {\n  a: number;\n};\n\n  throw new TypeError("bad");',
      expected: { name: 'TypeError', message: 'bad', line: 5, column: 9 },
    },
    {
      name: 'in a function',
      source: 'const f = (x: any) => x.y.z;\nreturn f({});',
      expected: { name: 'TypeError', line: 1, column: 27 },
    },
    {
      name: 'of a tool',
      source: '\n\n  await mcp.s.fail({});',
      expected: { name: 'ToolError', message: 'no such thing', line: 3 },
    },
    {
      name: 'of a tool among many',
      source: 'await Promise.all([\n  mcp.s.echo(),\n  mcp.s.fail(),\n]);',
      expected: { name: 'ToolError', line: 1 },
    },
    {
      name: 'after characters beyond ASCII',
      source: 'type Größe<日本> = 日本;\nconst a: Größe<"𝒳"> = "𝒳";\nundefined_name;',
      expected: { name: 'ReferenceError', line: 3, column: 1 },
    },
    {
      name: 'in an unknown tool',
      source: 'const x = 1;\nawait mcp.s.get_contcts();',
      expected: { name: 'ToolError', line: 2 },
    },
  ];
  test.for(places)('$name', async ({ source, expected }) => {
    const { end } = await attempt(shared, source);
    expect(end.status).toMatch(/guest_error|syntax_error/);
    expect(end.status !== 'ok' && end.error).toMatchObject(expected);
  });

  test('types are stripped, and what stripping cannot do is a syntax error with advice', async () => {
    const typed = await attempt(
      shared,
      `interface A { a?: number } const f = <T,>(x: T): T => x as T; return f<A>({ a: 1 }!).a satisfies number | undefined`,
    );
    expect(typed.end).toMatchObject({ status: 'ok', valueJson: '1' });
    const { end } = await attempt(shared, `enum A { B }`);
    expect(end).toMatchObject({
      status: 'syntax_error',
      error: { message: expect.stringContaining('enum') },
    });
  });
});

describe('open', () => {
  async function batches(opened: OpenProgram, answers: (call: GuestCall) => CallResult = () => ok(1)) {
    const seen: string[][] = [];
    let batch = await opened.advance([]);
    while (!batch.end) {
      seen.push(batch.calls.map(({ tool, args }) => `${tool}${JSON.stringify(args)}`));
      batch = await opened.advance(batch.calls.map((call) => ({ id: call.id, result: answers(call) })));
    }
    return { seen, end: batch.end };
  }

  test('each batch holds the calls that the program waits for', async () => {
    const opened = await shared.open(
      program(`
      const a = await Promise.all([mcp.s.echo({ n: 1 }), mcp.s.echo({ n: 2 })]);
      for (const n of [3, 4]) await mcp.s.echo({ n });
      return a.length`),
    );
    const { seen, end } = await batches(opened);
    expect(seen).toEqual([['echo{"n":1}', 'echo{"n":2}'], ['echo{"n":3}'], ['echo{"n":4}']]);
    expect(end).toMatchObject({ status: 'ok', valueJson: '2' });
    expect((await opened.advance([])).end).toBe(end);
  });

  test('a part of the results may be handed in; unknown and repeated results are ignored', async () => {
    const opened = await shared.open(
      program(`const r = await Promise.all([mcp.s.echo(), mcp.s.echo()]); return r`),
    );
    await opened.advance([]);
    expect(await opened.advance([{ id: 2, result: ok('b') }])).toEqual({ calls: [] });
    const results = [99, 2, 1, 1].map((id) => ({ id, result: ok('a') }));
    expect((await opened.advance(results)).end).toMatchObject({ valueJson: '["a","b"]' });
  });

  test('stop ends it once, as killed, and its child is gone', async () => {
    const opened = await sandbox.open(program(`await mcp.s.echo(); for (;;);`));
    await opened.advance([]);
    const looping = opened.advance([{ id: 1, result: ok(1) }]);
    const pids = childPids();
    await sleep(50);
    await opened.stop();
    await opened.stop();
    expect((await looping).end).toMatchObject({ status: 'killed' });
    expect((await opened.advance([])).end).toMatchObject({ status: 'killed' });
    expect(pids.length).toBeGreaterThan(0);
  });

  test('a result that is too large becomes an error that the program can catch', async () => {
    const limits = { resultBytes: 100 };
    const opened = await shared.open(program(`return await mcp.s.echo().catch((e) => e.code)`), { limits });
    await opened.advance([]);
    const { end } = await opened.advance([{ id: 1, result: ok('x'.repeat(200)) }]);
    expect(end).toMatchObject({
      status: 'ok',
      valueJson: '"result_too_large"',
      stoppedCalls: { result_too_large: 1 },
    });
  });

  test('the text of an error is readable however small results must be', async () => {
    const opened = await shared.open(program(`return await mcp.s.fail().catch((e) => e.message)`), {
      limits: { resultBytes: 1 },
    });
    await opened.advance([]);
    const error = { code: 'tool_error', message: 'the record is locked' };
    const { end } = await opened.advance([{ id: 1, result: { ok: false, error } }]);
    expect(end).toMatchObject({ valueJson: '"the record is locked"' });
  });

  test('calls that never leave the isolate are counted by why, even if the program catches the errors', async () => {
    const source = `
      const big = 'x'.repeat(9e5);
      const tries = [
        () => mcp.s.nothing(), () => mcp.nobody, () => mcp.s.echo({ a: 10n }), () => mcp.s.echo({ a: 'y'.repeat(2e6) }),
        ...Array.from({ length: 20 }, () => () => mcp.s.echo({ big })),
      ];
      const codes = await Promise.all(tries.map(async (attempt) => { try { await attempt(); } catch (e) { return e.code; } }));
      Object.prototype.toJSON = () => 7;
      return codes.filter((code) => code === 'too_much_at_once').length`;
    const { end } = await attempt(shared, source);
    const tooMuch = Number(end.status === 'ok' && end.valueJson);
    expect(tooMuch).toBeGreaterThan(0);
    expect(end.stoppedCalls).toEqual({
      unknown_tool: 2,
      invalid_arguments: 1,
      argument_too_large: 1,
      too_much_at_once: tooMuch,
    });
  });

  test('what a program was stopped in before it ran out of time is counted too', async () => {
    const { end } = await attempt(sandbox, `try { mcp.s.nothing() } catch {} for (;;);`, { cpuMs: 100 });
    expect(end).toMatchObject({ status: 'timeout_cpu', stoppedCalls: { unknown_tool: 1 } });
  });

  test('the wall deadline also holds between two advances', async () => {
    const opened = await sandbox.open(program(`await mcp.s.echo()`), { limits: { wallMs: 100 } });
    await opened.advance([]);
    await sleep(200);
    expect((await opened.advance([])).end).toMatchObject({ status: 'timeout_wall', unsettled: [1] });
  });
});

describe('processes', () => {
  test('many programs leave no process, descriptor or temporary file behind', async () => {
    const own = await createSandbox({ level: 'L1', warm: 1 });
    const before = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
    for (let i = 0; i < 5; i++) expect((await attempt(own, 'return 1')).end.status).toBe('ok');
    await sleep(300);
    const after = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
    expect(after).toBeLessThanOrEqual(before + 4);
    await own.close();
    await expect(own.open(program('return 1'))).rejects.toThrow('closed');
  });

  test('killAllChildren ends everything synchronously', async () => {
    const own = await createSandbox({ warm: 1 });
    const running = attempt(own, 'await mcp.s.never()');
    await sleep(150);
    const pids = childPids();
    killAllChildren();
    expect(await goneWithin(pids, 500)).toBe(true);
    expect((await running).end).toMatchObject({ status: 'crashed' });
    await own.close();
    await sandbox.close();
    sandbox = await createSandbox({ warm: 0 });
  });

  test('children neither keep their parent alive nor leave a directory when it exits', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'patternbench-parent-'));
    const script = join(dir, 'parent.mts');
    writeFileSync(
      script,
      `import { createSandbox } from ${JSON.stringify(new URL('./create.ts', import.meta.url).href)};
       const s = await createSandbox({ level: 'L1' });
       const end = await s.run({ source: 'return 1', api: {} }, { call: async () => { throw 1; } });
       console.log(end.status);
       const limits = { wallMs: 150, cpuMs: 5000 };
       console.log((await s.run({ source: 'for (;;);', api: {} }, { limits, call: async () => { throw 1; } })).status);
       const o = await s.open({ source: 'return "x".padEnd(5, "y")', api: {} }, { limits });
       console.log((await o.advance([])).end.status);
       await s.open({ source: 'never started', api: {} });`,
    );
    try {
      const { stdout, status } = spawnSync(process.execPath, [script], {
        timeout: 10_000,
        encoding: 'utf8',
        env: { TMPDIR: dir },
      });
      expect({ stdout, status }).toEqual({ stdout: 'ok\ntimeout_wall\nok\n', status: 0 });
      expect(readdirSync(dir)).toEqual(['parent.mts']);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
