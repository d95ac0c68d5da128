import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InfrastructureError } from '../errors.ts';
import type { IsolationLevel } from '../results/codes.ts';
import { createSandbox } from './create.ts';
import { locateIvm, planLaunch, type Wall } from './isolation.ts';
import { childPids, isRunning, startChild } from './process.ts';
import type { Boot } from './protocol.ts';
import type { Sandbox, SandboxLimits } from './sandbox.ts';

/** This file, which is also the program of a process of its own: that of a parent which is killed. */
const ownFile = fileURLToPath(import.meta.url);

const SECRET = 'probe-secret-51c0';
const MIB = 1024 * 1024;

/** What the stand-in for a sandbox process is told to reach for. */
export type ProbeTargets = {
  file: string;
  writable: string;
  tcpPort: number;
  udpPort: number;
  socketPath: string;
  parentPid: number;
  inode: number;
  secret: string;
};

/** From where on a wall holds: from a level, or at L2 where the kernel gives a child process ids of its own. */
type From = 'L1' | 'L2' | 'L2 with own process ids';

/** Every wall that `doctor` tries, and from where on it holds. */
export const walls: Readonly<Record<string, From>> = {
  'see environment variables': 'L1',
  'see secrets in its arguments': 'L1',
  'use an inherited descriptor': 'L1',
  'CPU time': 'L1',
  'CPU time without the engine’s timer': 'L1',
  memory: 'L1',
  'wall time': 'L1',
  'death with the parent': 'L1',
  'read a file': 'L2',
  'read /etc/passwd': 'L2',
  'read /proc/self/environ': 'L2',
  'read its own program': 'L2',
  'list a directory': 'L2',
  'write a file': 'L2',
  'TCP connection': 'L2',
  'unix socket': 'L2',
  'UDP datagram': 'L2',
  'DNS query': 'L2',
  'start a program': 'L2',
  'start a worker': 'L2',
  'load an addon': 'L2',
  'open an inspector': 'L2',
  'silence on the network': 'L2',
  'signal its parent': 'L2 with own process ids',
};

/** Whether a wall is claimed to hold at a level; `hasOwnIds` says whether a child gets process ids of its own at L2. */
export function isClaimed(wall: string, level: IsolationLevel, hasOwnIds: boolean): boolean {
  const from = walls[wall];
  if (level === 'L3' || from === 'L1') return true;
  return level === 'L2' && (from === 'L2' || hasOwnIds);
}

/** One wall, what was tried against it, and whether it held. */
export type WallProbe = { wall: string; held: boolean; detail: string };

/** What a probe tries beside a child that was taken over; for tests, which need not try all of it. */
type ProbePart = 'limits' | 'death';

export type IsolationProbe = { level: IsolationLevel; walls: WallProbe[] };

/**
 * Tries every wall for real: starts a child at `level` that behaves as if taken over and attempts to read, connect, spawn and
 * so on, runs programs that want too much, and kills a parent. Takes about three seconds.
 * @throws UsageError or InfrastructureError where the level cannot be reached at all.
 */
export async function probeIsolation(
  options: { level?: 'highest' | IsolationLevel } = {},
  test: { without?: readonly Wall[]; parts?: readonly ProbePart[] } = {},
): Promise<IsolationProbe> {
  const sandbox = await createSandbox({ level: options.level ?? 'highest', warm: 0 }, test);
  try {
    const { level } = sandbox;
    const taken = await probeTakenOver(level, test.without ?? []);
    const has = (part: ProbePart) => test.parts?.includes(part) ?? true;
    const limits = has('limits') ? await probeLimits(sandbox) : [];
    const death = has('death') ? [await probeParentDeath(level, test.without)] : [];
    return { level, walls: [...taken, ...limits, ...death] };
  } finally {
    await sandbox.close();
  }
}

async function probeTakenOver(level: IsolationLevel, without: readonly Wall[]): Promise<WallProbe[]> {
  const dir = mkdtempSync(join(tmpdir(), 'patternbench-probe-'));
  const cwd = mkdtempSync(join(tmpdir(), 'patternbench-probe-'));
  const listeners = await listen(join(dir, 'socket'));
  const file = join(dir, 'canary');
  writeFileSync(file, SECRET);
  const held = openSync(file, 'r');
  const ivm = locateIvm();
  const entry = fileURLToPath(new URL(`./probe-child${extname(import.meta.url)}`, import.meta.url));
  const boot: Boot = { ivmDir: ivm.dir, ivmBinding: ivm.binding, bootstrap: '', memoryMiB: 8 };
  const child = startChild(planLaunch(level, { ivm, entry, cwd, without }), cwd, JSON.stringify(boot));
  try {
    const ready = await child.awaitReady();
    if (!ready.ok) throw new InfrastructureError(`The probe could not start at ${level}: ${ready.error}.`);
    const { tcpPort, udpPort, socketPath, heard } = listeners;
    const targets: ProbeTargets = {
      ...{ file, tcpPort, udpPort, socketPath },
      writable: join(cwd, 'written'),
      parentPid: process.pid,
      inode: fstatSync(held).ino,
      secret: SECRET,
    };
    const alive = setTimeout(() => child.kill(), 20_000);
    const frame = await child.request(JSON.stringify(targets));
    clearTimeout(alive);
    if (frame === undefined) throw new Error(`The probe died at ${level}: ${(await child.exited).stderr}`);
    const tried = JSON.parse(frame.text) as WallProbe[];
    const detail = heard() || 'no listener heard anything';
    return [...tried, { wall: 'silence on the network', held: heard() === '', detail }];
  } finally {
    await child.end();
    closeSync(held);
    listeners.close();
    for (const path of [dir, cwd]) rmSync(path, { recursive: true, force: true });
  }
}

async function listen(socketPath: string) {
  const heard = new Set<string>();
  const listener = (what: string) =>
    createServer((socket) => {
      heard.add(what);
      socket.destroy();
    });
  const [tcp, unix] = [listener('TCP'), listener('unix socket')];
  const udp = createSocket('udp4', () => heard.add('UDP'));
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => unix.listen(socketPath, resolve));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  return {
    socketPath,
    tcpPort: (tcp.address() as { port: number }).port,
    udpPort: udp.address().port,
    heard: () => [...heard].join(', '),
    close() {
      for (const each of [tcp, unix, udp]) each.close();
    },
  };
}

async function probeLimits(sandbox: Sandbox): Promise<WallProbe[]> {
  const bigNumber = 'return String(3n ** 300000000n)';
  const hoard = 'const a = []; for (;;) a.push(new Array(1000).fill(1))';
  const memory = { memoryBytes: 32 * MIB, cpuMs: 5000, wallMs: 5000 };
  const cases: [wall: string, source: string, limits: Partial<SandboxLimits>, ...expected: string[]][] = [
    ['CPU time', 'for (;;);', { cpuMs: 200, wallMs: 3000 }, 'timeout_cpu'],
    ['CPU time without the engine’s timer', bigNumber, { cpuMs: 200, wallMs: 5000 }, 'timeout_cpu', 'oom'],
    ['memory', hoard, memory, 'oom'],
    ['wall time', 'await mcp.s.never()', { wallMs: 200 }, 'timeout_wall'],
  ];
  const walls: WallProbe[] = [];
  for (const [wall, source, limits, ...expected] of cases) {
    const call = () => new Promise<never>(() => {});
    const end = await sandbox.run({ source, api: { s: ['never'] } }, { call, limits });
    const detail = `${end.status} after ${Math.round(end.measured.wallMs)} ms`;
    walls.push({ wall, held: expected.includes(end.status), detail });
  }
  return walls;
}

/** Kills a parent whose child computes, and sees whether the child is gone within a second. */
async function probeParentDeath(level: IsolationLevel, without: readonly Wall[] = []): Promise<WallProbe> {
  const wall = 'death with the parent';
  // Killed as it will be, it cannot clean up after itself.
  const temporary = mkdtempSync(join(tmpdir(), 'patternbench-probe-'));
  const parent = spawn(process.execPath, [ownFile, level, ...without], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TMPDIR: temporary },
  });
  parent.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
  const line = await new Promise<string>((resolve) => {
    parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    parent.once('exit', () => resolve(''));
  });
  if (line === '') return { wall, held: false, detail: 'the parent to be killed did not start' };
  const pids = JSON.parse(line) as number[];
  const began = performance.now();
  parent.kill('SIGKILL');
  for (;;) {
    const left = pids.filter(isRunning);
    const ms = Math.round(performance.now() - began);
    if (left.length === 0) return { wall, held: true, detail: `all gone after ${ms} ms` };
    if (ms > 1000) {
      for (const pid of left) process.kill(pid, 'SIGKILL');
      return {
        wall,
        held: false,
        detail: `${left.length} of ${pids.length} processes outlived their parent`,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A parent that will be killed: lets a program compute for ever, prints the ids of its children, and waits. */
async function waitToBeKilled([level, ...without]: string[]): Promise<void> {
  const walls = { without: without as Wall[] };
  const sandbox = await createSandbox({ level: level as IsolationLevel, warm: 1 }, walls);
  const limits = { cpuMs: 30_000, wallMs: 30_000 };
  const program = await sandbox.open({ source: 'for (;;);', api: {} }, { limits });
  void program.advance([]);
  setTimeout(() => process.stdout.write(`${JSON.stringify(childPids())}\n`), 150);
}

if (process.argv[1] === ownFile) await waitToBeKilled(process.argv.slice(2));
