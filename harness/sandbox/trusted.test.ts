import { expect, test } from 'vitest';
import { createSandbox } from './create.ts';
import { childPids } from './process.ts';
import type { CallResult } from './sandbox.ts';
import { API } from './testing/harness.ts';

const ok = (value: unknown): CallResult => ({ ok: true, valueJson: JSON.stringify(value) });

/** A sandbox of its own, and which processes were started for each program that was opened in it. */
const observed = async () => {
  const own = await createSandbox({ level: 'L1', warm: 0 });
  const pids: number[][] = [];
  const open = async (source: string, trusted: boolean, limits = {}) => {
    const before = childPids();
    const opened = await own.open({ source, api: API }, { trusted, limits });
    pids.push(childPids().filter((pid) => !before.includes(pid)));
    return opened;
  };
  return { own, pids, open };
};

test('trusted programs share a process one after another, each in an isolate of its own', async () => {
  const { own, pids, open } = await observed();
  try {
    const first = await open(`globalThis.kept = 1; Array.prototype.map = () => 'mine'; return 1;`, true);
    expect((await first.advance([])).end).toMatchObject({ status: 'ok', valueJson: '1' });
    const second = await open(`const n: number[] = [1]; return [typeof kept, n.map((x) => x)];`, true);
    expect((await second.advance([])).end).toMatchObject({ valueJson: '["undefined",[1]]' });
    // The first one was started with the sandbox.
    expect(pids).toEqual([[], []]);
    // Stopping what has ended takes nothing from whoever has the process now.
    const third = await open(`return await mcp.s.echo({});`, true);
    await third.advance([]);
    await Promise.all([first.stop(), second.stop()]);
    expect((await third.advance([{ id: 1, result: ok('x') }])).end).toMatchObject({ valueJson: '"x"' });
  } finally {
    await own.close();
  }
});

test('one that was stopped while it waited leaves its process to the next, which gets none of its results', async () => {
  const { own, pids, open } = await observed();
  try {
    const waits = await open(`return await mcp.s.echo({});`, true);
    expect((await waits.advance([])).calls).toHaveLength(1);
    await waits.stop();
    const next = await open(`return (await mcp.s.echo({})) + 1;`, true);
    await next.advance([]);
    expect((await waits.advance([{ id: 1, result: ok(9) }])).end).toMatchObject({ status: 'killed' });
    expect((await next.advance([{ id: 1, result: ok(1) }])).end).toMatchObject({ valueJson: '2' });
    expect(pids).toEqual([[], []]);
  } finally {
    await own.close();
  }
});

test('a program that is not trusted never gets a process that served another, nor leaves its own to one', async () => {
  const { own, pids, open } = await observed();
  try {
    for (const trusted of [true, false, true, false]) {
      const { end } = await (await open('return 1;', trusted)).advance([]);
      expect(end).toMatchObject({ status: 'ok' });
    }
    expect(pids.map(({ length }) => length)).toEqual([0, 1, 0, 1]);
    expect(new Set(pids.flat()).size).toBe(2);
  } finally {
    await own.close();
  }
});

test.each([
  ['timeout_cpu', 'for (;;);', { cpuMs: 50 }],
  ['timeout_wall', 'for (;;);', { wallMs: 100 }],
  ['oom', 'const all = []; for (;;) all.push(new Array(1000).fill(1.5));', { memoryBytes: 16 * 2 ** 20 }],
])('what ended as %s leaves its process to no other', async (status, source, limits) => {
  const { own, pids, open } = await observed();
  try {
    expect((await (await open(source, true, limits)).advance([])).end).toMatchObject({ status });
    expect((await (await open('return 1;', true)).advance([])).end).toMatchObject({ status: 'ok' });
    expect(pids.map(({ length }) => length)).toEqual([0, 1]);
  } finally {
    await own.close();
  }
});
