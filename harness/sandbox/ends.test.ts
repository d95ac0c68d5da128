import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from './create.ts';
import { childPids } from './process.ts';
import type { Sandbox } from './sandbox.ts';
import { API, answer, attempt } from './testing/harness.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ warm: 1 });
});
afterAll(() => sandbox.close());

/** An error whose message, when it is read, leaves one more rejection behind. */
const lazyError = (thrown: string) => `class Lazy extends Error {
    get message() { this.load(); return 'first'; }
    async load() { throw ${thrown}; }
  }
  console.log('hello');
  (async () => { throw new Lazy(); })();`;

test('rejections left unhandled cost a program neither its output nor its calls', async () => {
  const source = `${lazyError("new Error('second')")} return await mcp.s.echo({ a: 1 });`;
  const { end } = await attempt(sandbox, source);
  expect(end).toMatchObject({ status: 'ok', valueJson: '{"a":1}', logs: 'hello\n', calls: 1 });
});

test('what a program printed before it ran out of time is kept, with a rejection left behind too', async () => {
  const source = `console.log('step 1'); (async () => { throw new Error('x'); })(); for (;;);`;
  const { end } = await attempt(sandbox, source, { cpuMs: 500 });
  expect(end).toMatchObject({ status: 'timeout_cpu', logs: 'step 1\n' });
});

test('a program whose rejections never stop ends as its own error, not as one of memory', async () => {
  const { end } = await attempt(sandbox, `${lazyError('new Lazy()')} return await mcp.s.echo({});`);
  expect(end).toMatchObject({ status: 'guest_error', error: { name: 'UnhandledRejections' } });
});

test('what the engine itself prints does not reach the protocol', async () => {
  const source = `function Module(std, foreign, heap) { "use asm"; function f() { return 1; } return { f }; }
    return typeof Module(globalThis);`;
  const { end } = await attempt(sandbox, source);
  expect(end).toMatchObject({ status: 'ok', valueJson: '"object"' });
});

test('a frame on standard output is nothing to the parent, where the engine prints', async () => {
  const noisy = await createSandbox({ level: 'L1', warm: 0 }, { nodeFlags: ['--trace-gc'] });
  const { end } = await attempt(
    noisy,
    'let held; for (let i = 0; i < 1e5; i++) held = [held?.length]; return 1',
  );
  await noisy.close();
  expect(end).toMatchObject({ status: 'ok', valueJson: '1' });
});

test('a text that the type stripper cannot get through ends with advice, within its time', async () => {
  const source = `let typed: 1; return ${'a?(b):c=>('.repeat(40)}1${')'.repeat(40)}`;
  const { end } = await attempt(sandbox, source, { cpuMs: 300 });
  expect(end).toMatchObject({ status: 'timeout_cpu', error: { name: 'ParseTimeout' } });
  expect(end).toMatchObject({ error: { message: expect.stringContaining('Nest fewer conditional') } });
  expect(end.measured.cpuMs).toBeGreaterThan(10);
});

test.skipIf(process.platform !== 'linux')(
  'a program that the machine leaves less CPU time than its clock allows is told so',
  async () => {
    const before = new Set(childPids());
    const alone = await createSandbox({ level: 'L1', warm: 0 });
    const opened = await alone.open({ source: 'for (;;);', api: API }, { limits: { cpuMs: 400 } });
    const ended = opened.advance([]);
    const own = childPids().filter((pid) => !before.has(pid));
    const signalAll = (name: 'SIGSTOP' | 'SIGCONT') => {
      for (const pid of own) process.kill(pid, name);
    };
    setTimeout(signalAll, 50, 'SIGSTOP');
    setTimeout(signalAll, 650, 'SIGCONT');
    const { end } = await ended;
    await alone.close();
    expect(end).toMatchObject({ status: 'timeout_cpu' });
    expect(end).toMatchObject({ error: { message: expect.stringContaining('the machine was busy') } });
    expect(end?.measured.cpuMs).toBeLessThan(400);
  },
);

test.skipIf(process.platform !== 'linux')(
  'time in which a program waits for a processor is not CPU time, and does not use its limit up',
  async () => {
    const before = new Set(childPids());
    const alone = await createSandbox({ level: 'L1', warm: 0 });
    const source = `for (let i = 0; i < 3; i++) {
      await mcp.s.echo({});
      const until = Date.now() + 500;
      while (Date.now() < until);
    }`;
    const program = alone.run(
      { source, api: API },
      {
        limits: { cpuMs: 1200 },
        call(call, signal) {
          const pids = childPids().filter((pid) => !before.has(pid));
          const signalAll = (name: 'SIGSTOP' | 'SIGCONT') => {
            for (const pid of pids) process.kill(pid, name);
          };
          // Nothing but this keeps a processor from it: as on a machine that is busy.
          setTimeout(signalAll, 30, 'SIGSTOP');
          setTimeout(signalAll, 430, 'SIGCONT');
          return answer(call, signal);
        },
      },
    );
    const end = await program;
    await alone.close();
    expect(end).toMatchObject({ status: 'ok', calls: 3 });
    expect(end.measured.cpuMs).toBeLessThan(1200);
  },
);
