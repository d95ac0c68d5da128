import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramStatus } from '../../harness/results/codes.ts';
import { createSandbox } from '../../harness/sandbox/create.ts';
import { childPids } from '../../harness/sandbox/process.ts';
import type { Sandbox, SandboxLimits } from '../../harness/sandbox/sandbox.ts';
import { hostMemory, type Look, mib } from './look.ts';

const atOnce = 2;

type Case = { source: string; ends: ProgramStatus; limits?: Partial<SandboxLimits> };
const cases: Case[] = [
  { source: 'return (await mcp.s.echo({ n: 1 })).n', ends: 'ok' },
  {
    source: 'return (await Promise.all(Array.from({ length: 50 }, (_, n) => mcp.s.echo({ n })))).length',
    ends: 'ok',
  },
  { source: 'console.log("x".repeat(5000)); return "y".repeat(5000)', ends: 'ok' },
  { source: 'throw new Error("no")', ends: 'guest_error' },
  { source: 'return {', ends: 'syntax_error' },
  { source: 'await mcp.s.never({})', ends: 'timeout_wall', limits: { wallMs: 30 } },
  { source: 'for (;;);', ends: 'timeout_cpu', limits: { cpuMs: 30 } },
  { source: 'for (;;) await mcp.s.echo({})', ends: 'call_limit', limits: { calls: 20 } },
  { source: 'for (;;) console.log("x".repeat(1000))', ends: 'output_limit', limits: { logBytes: 2000 } },
];

async function runOne(sandbox: Sandbox, { source, ends, limits = {} }: Case): Promise<void> {
  const end = await sandbox.run(
    { source, api: { s: ['echo', 'never'] } },
    {
      limits,
      call: async ({ tool, args }) =>
        tool === 'never' ? new Promise(() => {}) : { ok: true, valueJson: JSON.stringify(args) },
    },
  );
  if (end.status !== ends) throw new Error(`${source} ended ${end.status}, not ${ends}.`);
}

/**
 * Runs so many programs in one sandbox, well-behaved and hostile ones in turn, and looks ten times at what this process
 * keeps of them: memory, descriptors, child processes, temporary files.
 */
export async function soakPrograms(programs: number): Promise<Look[]> {
  // A place of its own, where nothing else makes folders.
  const temporary = mkdtempSync(join(tmpdir(), 'patternbench-soak-'));
  process.env.TMPDIR = temporary;
  const sandbox = await createSandbox({ warm: 2 });
  const look = (done: number): Look => {
    const { residentBytes, heapBytes } = hostMemory();
    return [
      { name: 'programs', value: done },
      { name: 'resident MiB', value: mib(residentBytes), slack: 30 },
      { name: 'heap MiB', value: mib(heapBytes), slack: 10 },
      {
        name: 'descriptors',
        value: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
        slack: 6,
      },
      { name: 'children', value: childPids().length, slack: 3 },
      { name: 'temporary files', value: readdirSync(temporary).length, slack: 0 },
    ];
  };
  // What is loaded once is loaded before the first look.
  for (const each of cases) await runOne(sandbox, each);
  const looks = [look(0)];
  const step = Math.max(1, Math.ceil(programs / 10));
  for (let done = 0; done < programs; ) {
    const end = Math.min(programs, done + step);
    const work = async () => {
      while (done < end) await runOne(sandbox, cases[done++ % cases.length] as Case);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    looks.push(look(done));
    console.error(`${done} of ${programs} programs`);
  }
  await sandbox.close();
  rmSync(temporary, { recursive: true });
  return looks;
}
