import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Caller } from '../results/codes.ts';
import type { TraceEvent } from '../results/trace.ts';
import { usageOf } from '../run/attempt.ts';
import type { Tool, ToolResult } from './mcp/surface.ts';
import { createToolCaller } from './tool-caller.ts';

const tool = { server: 's', name: 't', identifier: 't', description: '', inputSchema: {} } as Tool;
const model: Caller = { kind: 'model' };
const program: Caller = { kind: 'program', sha256: 'a'.repeat(64) };
const signal = new AbortController().signal;

let clock = 0;
beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => clock));
afterEach(() => void vi.restoreAllMocks());

/** A caller whose calls end when they are told to, and what it recorded. */
function fakeCaller(answer: Partial<ToolResult> = {}) {
  const events: TraceEvent[] = [];
  const ends: (() => void)[] = [];
  let asked = Promise.withResolvers<void>();
  const caller = createToolCaller({
    connections: {
      call: () =>
        new Promise<ToolResult>((resolve) => {
          ends.push(() => resolve({ isError: false, text: '1', isJson: false, ...answer }));
          asked.resolve();
        }),
    },
    recorder: { record: (event) => events.push(event) },
    policy: { decide: () => ({ allowed: true, reason: '' }) } as never,
    audit: { called: () => '', written: async () => {}, ended: () => {} },
  });
  const call = async (by: Caller, ms: number, args: Record<string, unknown> = {}) => {
    const calling = caller.callTool(tool, args, by, signal);
    await asked.promise;
    asked = Promise.withResolvers();
    clock += ms;
    ends.pop()?.();
    await calling;
  };
  return { caller, events, call };
}

test('time in the sandbox is that of programs less their own calls, not less those of the model', async () => {
  const { caller, call } = fakeCaller();
  await call(model, 5_000);
  await call(program, 100);
  const measured = { startMs: 100, wallMs: 900, cpuMs: 10 };
  const report = {
    sha256: '',
    status: 'ok',
    calls: 1,
    stoppedCalls: {},
    logBytes: 0,
    valueBytes: 0,
    measured,
  };
  const usage = usageOf({ caller, programs: [report as never] });
  expect(usage).toMatchObject({ calls: 2, toolsMs: 5_100, sandboxMs: 900 });
});

test('a call that is sent three times is one call, sent again twice', async () => {
  const { caller, call } = fakeCaller({ attempts: 3 });
  await call(model, 1);
  expect(usageOf({ caller, programs: [] })).toMatchObject({ calls: 1, sentAgain: 2 });
});

test('what was used up to an overflow does not grow with what comes after', () => {
  const programs = [{ measured: { startMs: 10, wallMs: 90, cpuMs: 1 } }] as never[];
  const before = usageOf({ programs });
  programs.push({ measured: { startMs: 0, wallMs: 1_000, cpuMs: 1 } } as never);
  expect(before).toMatchObject({ sandboxMs: 100, programs: [expect.anything()] });
});

test('a program stands still from before it is asked for until its call is logged, and not where no approval is needed', async () => {
  const happened: string[] = [];
  const note = <T>(what: string, answer?: T) => {
    happened.push(what);
    return answer as T;
  };
  const callBy = async (isNeeded: boolean) => {
    const decide = async () => note('asked', { allowed: true, reason: '' });
    const caller = createToolCaller({
      connections: { call: async () => note('made', { isError: false, text: '1', isJson: false }) },
      recorder: { record: () => {} },
      policy: { decide: () => ({ allowed: true, reason: '' }) } as never,
      approvals: { isNeeded: () => isNeeded, decide } as never,
      audit: { called: () => '', written: async () => note<void>('logged'), ended: () => {} },
    });
    const pause = () => {
      note('stopped');
      return () => note<void>('resumed');
    };
    await caller.callTool(tool, {}, program, signal, { source: '', pause });
    return happened.splice(0);
  };
  expect(await callBy(true)).toEqual(['stopped', 'asked', 'logged', 'resumed', 'made']);
  expect(await callBy(false)).toEqual(['logged', 'made']);
});

test('arguments are traced whole up to a size, and beyond it as their size, hash and beginning', async () => {
  const { events, call } = fakeCaller();
  await call(program, 0, { text: 'short' });
  await call(program, 0, { text: 'x'.repeat(1024 * 1024) });
  const calls = events.filter(({ event }) => event === 'tool_call');
  expect(calls[0]).toMatchObject({ arguments: { text: 'short' } });
  expect(calls[1]).not.toHaveProperty('arguments');
  expect(calls[1]).toMatchObject({
    argumentsCut: { bytes: 1024 * 1024 + 11, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(JSON.stringify(calls[1]).length).toBeLessThan(2_000);
});
