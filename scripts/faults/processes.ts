import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc shows it; `startTicks` tells it from a later one with the same id. */
type Process = { pid: number; startTicks: string };

/** Watches one process and all that it starts: the most memory one of them had, and who is left when it has ended. */
type ProcessWatch = {
  /** Largest resident size, in MiB, of a single process; those whose command line holds `except` do not count. */
  peakMiB(): number;
  /** Command lines of processes that still run. */
  left(): string[];
  /** Kills all that are left. */
  killLeft(): void;
  stop(): void;
};

const LOOK_MS = 40;

/** Watches the tree below a process. Linux only: elsewhere it sees nothing, and says 0 and none. */
export function watchProcesses(root: number, except: string): ProcessWatch {
  const seen = new Map<number, Process>();
  let peakKiB = 0;
  const look = () => {
    for (const pid of descendants(root)) {
      const found = seen.get(pid) ?? readProcess(pid);
      if (!found) continue;
      seen.set(pid, found);
      if (!commandLine(pid).includes(except)) peakKiB = Math.max(peakKiB, highWaterKiB(pid));
    }
  };
  const timer = setInterval(look, LOOK_MS);
  look();
  const alive = () => {
    const named = allPids().filter((pid) => commandLine(pid).includes(except));
    const known = [...seen.values()].filter(({ pid, startTicks }) => isRunning(pid, startTicks));
    return [...new Set([...named, ...known.map(({ pid }) => pid)])].filter((pid) => pid !== process.pid);
  };
  return {
    peakMiB: () => Math.round(peakKiB / 1024),
    left: () => alive().map((pid) => `${pid}: ${commandLine(pid).slice(0, 120)}`),
    killLeft() {
      for (const pid of alive()) tryKill(pid);
    },
    stop: () => clearInterval(timer),
  };
}

function descendants(root: number): number[] {
  const found: number[] = [];
  for (const waiting = [root]; waiting.length > 0; ) {
    const pid = waiting.pop() as number;
    found.push(pid);
    for (const task of list(`/proc/${pid}/task`)) {
      const children = read(`/proc/${pid}/task/${task}/children`).trim();
      if (children !== '') waiting.push(...children.split(' ').map(Number));
    }
  }
  return found;
}

function readProcess(pid: number): Process | undefined {
  const startTicks = startTicksOf(pid);
  return startTicks === undefined ? undefined : { pid, startTicks };
}

/** A process that has ended and that its parent has not yet looked at is not running. */
function isRunning(pid: number, startTicks: string): boolean {
  return startTicksOf(pid) === startTicks && fieldsOf(pid)[0] !== 'Z';
}

function startTicksOf(pid: number): string | undefined {
  return fieldsOf(pid)[19];
}

/** The fields of /proc/<pid>/stat from the third on; the second, in parentheses, may hold anything. */
function fieldsOf(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function highWaterKiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function allPids(): number[] {
  return list('/proc').map(Number).filter(Number.isInteger);
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The next message of a forked process. Rejects where it ends before it has said anything. */
export function nextMessage<Message>(from: ChildProcess): Promise<Message> {
  return new Promise((done, fail) => {
    const ended = () => fail(new Error(`${from.spawnfile} ended before it had answered.`));
    from.once('exit', ended);
    from.once('message', (message) => {
      from.off('exit', ended);
      done(message as Message);
    });
  });
}
