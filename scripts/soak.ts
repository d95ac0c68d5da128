import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';
import { createSandbox } from '../harness/sandbox/create.ts';
import { childPids } from '../harness/sandbox/process.ts';
import type { ProgramStatus, SandboxLimits } from '../harness/sandbox/sandbox.ts';

/**
 * Runs thousands of programs in one sandbox, well-behaved and hostile ones in turn, and shows whether this process keeps
 * anything of them: memory, descriptors, child processes, temporary files. `npm run soak -- 10000`; ends with 1 where it does.
 */
const programs = Number(process.argv[2] ?? 10_000);
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

// A place of its own, where nobody else makes folders.
const temporary = mkdtempSync(join(tmpdir(), 'patternbench-soak-'));
process.env.TMPDIR = temporary;
const sandbox = await createSandbox({ warm: 2 });

async function runOne({ source, ends, limits = {} }: Case): Promise<void> {
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

/** What this process holds, after a collection where `--expose-gc` allows one. */
function look(): number[] {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const mib = (bytes: number) => Math.round(bytes / 1024 / 1024);
  const descriptors = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
  return [mib(rss), mib(heapUsed), descriptors, childPids().length, readdirSync(temporary).length];
}

const rows: number[][] = [];
let done = 0;
const step = Math.max(1, Math.ceil(programs / 10));
// What is loaded once is loaded before the first look.
for (const each of cases) await runOne(each);
rows.push([0, ...look()]);
while (done < programs) {
  const end = Math.min(programs, done + step);
  const work = async () => {
    while (done < end) await runOne(cases[done++ % cases.length] as Case);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  rows.push([done, ...look()]);
  console.error(`${done} of ${programs} programs`);
}
await sandbox.close();
rmSync(temporary, { recursive: true });
const header = ['programs', 'resident MiB', 'heap MiB', 'descriptors', 'children', 'temporary files'];
console.log(
  markdownTable([header, ...rows.map((row) => row.map((n) => n.toLocaleString('en-US')))], {
    align: header.map(() => 'r'),
  }),
);
const [early, late] = [rows[1] ?? [], rows.at(-1) ?? []];
/** Beyond what differs between two looks at the same state. */
const grown = [0, 30, 10, 6, 3, 0].flatMap((slack, index) =>
  index > 0 && (late[index] ?? 0) > (early[index] ?? 0) + slack ? [header[index]] : [],
);
console.log(grown.length === 0 ? '\nNothing grew.' : `\nGrew: ${grown.join(', ')}.`);
process.exitCode = grown.length === 0 ? 0 : 1;
