import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { refuseWithoutPipes } from '../without-pipes.ts';
import type { Launch } from './isolation.ts';
import { CHANNEL, createReplyReader, encodeRequest, type Ready } from './protocol.ts';

/** Bytes of a child's standard error that are kept, to tell why it died. */
const STDERR_BYTES = 8 * 1024;

/** A child takes about 100 ms to start; on a machine that is busy, longer. */
const READY_MS = 15_000;

const PAGE_BYTES = 4096;
const TICKS_PER_SECOND = 100;

/** How a child process ended. */
type Exit = { code: number | null; signal: NodeJS.Signals | null; stderr: string };

type Frame = { text: string; cpuMicros: number };

/** One child process, seen from its parent. Neither it nor its pipes keep the parent alive. */
export type Child = {
  /** Settles when the child has an isolate, or has said why not. */
  readonly ready: Promise<Ready>;
  /** Settles when the process is gone and its pipes are read to the end; never rejects. */
  readonly exited: Promise<Exit>;
  /** Bytes of the largest frame accepted from the child. */
  setReplyLimit(bytes: number): void;
  /**
   * One request, one reply; `undefined` once the child is gone. `wallLeftMs` is what the program has left of its wall time.
   */
  request(text: string, wallLeftMs?: number): Promise<Frame | undefined>;
  /** Waits for `ready`, keeping the parent alive meanwhile; a child that takes too long is killed. */
  awaitReady(): Promise<Ready>;
  /** Kills the child and waits until it is gone, keeping the parent alive meanwhile. */
  end(): Promise<void>;
  /** Kills the whole process group at once. */
  kill(): void;
  /** Resident bytes and CPU milliseconds of the process that holds the isolate; `undefined` where unknown. */
  usage(): { rssBytes: number; cpuMs: number } | undefined;
};

const living = new Set<ChildProcess>();

/** Kills every sandbox child of this process, synchronously: for signal handlers and `exit`. */
export function killAllChildren(): void {
  for (const child of living) killGroup(child);
}

/** Process ids of the living sandbox children: outermost and, where namespaces wrap it, innermost. */
export function childPids(): number[] {
  const outer = [...living].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  return [...new Set([...outer, ...outer.map(innermost)])];
}

/** Whether a process still runs; one that is dead and only awaits its reaper does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return !['Z', 'X'].includes(statOf(pid)[0] as string);
  } catch {
    return false;
  }
}

/**
 * What Linux tells of a process, from the third field of proc_pid_stat(5) on. The second is the command's name in parentheses,
 * which may hold anything.
 */
export function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Kills a child with its whole group, whose id may be another's once the child has gone: `isGoing` is the last moment. */
function killGroup(child: ChildProcess, isGoing = false): void {
  const { pid, exitCode, signalCode } = child;
  if (pid === undefined || (!isGoing && (exitCode !== null || signalCode !== null))) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** Starts a child; `boot` is its first request. */
export function startChild(launch: Launch, cwd: string, boot: string): Child {
  const child = spawn(launch.command, launch.args, {
    cwd,
    env: launch.env,
    // The protocol has descriptor 3 to itself: the engine prints some of its warnings to standard output.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // A group of its own: killed as a whole, and out of reach of the terminal's Ctrl-C, which is for the parent to handle.
    detached: true,
  });
  refuseWithoutPipes(child);
  living.add(child);
  child.unref();
  const stderr = child.stderr as Socket;
  const channel = child.stdio[CHANNEL] as Socket;
  for (const stream of [stderr, channel]) stream.unref();

  let gone = false;
  let stderrText = '';
  let waiting: ((frame: Frame | undefined) => void) | undefined;
  let lost = '';
  const reader = createReplyReader(
    (text, cpuMicros) => {
      const answer = waiting;
      waiting = undefined;
      // A frame that was not asked for can only come from a child that has been taken over.
      if (answer === undefined) self.kill();
      else answer({ text, cpuMicros });
    },
    (bytes) => {
      lost = `The child sent ${bytes} bytes at once.\n`;
      self.kill();
    },
  );
  channel.on('error', () => {});
  stderr.on('error', () => {});
  channel.on('data', (chunk: Buffer) => reader.push(chunk));
  stderr.on('data', (chunk: Buffer) => {
    if (stderrText.length < STDERR_BYTES) stderrText += chunk.toString('latin1', 0, STDERR_BYTES);
  });

  const exited = new Promise<Exit>((resolve) => {
    let failure = '';
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      if (gone) return;
      gone = true;
      living.delete(child);
      resolve({ code, signal, stderr: failure + lost + stderrText });
      waiting?.(undefined);
    };
    child.on('error', (error) => {
      failure = `${error.message}\n`;
      if (child.pid === undefined) finish(null, null);
    });
    child.on('exit', (code, signal) => {
      killGroup(child, true);
      // 'close' follows as soon as the pipes are drained; a leaked pipe must not hold things up.
      setTimeout(() => finish(code, signal), 250).unref();
    });
    child.on('close', finish);
  });

  let isolatePid: number | undefined;
  async function request(text: string, wallLeftMs = 0): Promise<Frame | undefined> {
    if (gone) return undefined;
    channel.write(encodeRequest(text, wallLeftMs));
    const { promise, resolve } = Promise.withResolvers<Frame | undefined>();
    waiting = resolve;
    return promise;
  }
  const self: Child = {
    exited,
    ready: request(boot).then(async (frame) =>
      frame ? parseReady(frame.text) : { ok: false, error: explainDeath(await exited) },
    ),
    setReplyLimit(bytes) {
      reader.limit = bytes;
    },
    request,
    async awaitReady() {
      const timer = setTimeout(() => {
        lost = `The child was not ready within ${READY_MS} ms.\n`;
        self.kill();
      }, READY_MS);
      const ready = await self.ready;
      clearTimeout(timer);
      return ready;
    },
    async end() {
      self.kill();
      const timer = setTimeout(() => {}, 2 ** 31 - 1);
      await exited;
      clearTimeout(timer);
    },
    kill: () => killGroup(child),
    usage() {
      if (gone || child.pid === undefined || process.platform !== 'linux') return undefined;
      try {
        isolatePid ??= innermost(child.pid);
        const fields = statOf(isolatePid);
        const ticks = Number(fields[11]) + Number(fields[12]);
        return { rssBytes: Number(fields[21]) * PAGE_BYTES, cpuMs: (ticks * 1000) / TICKS_PER_SECOND };
      } catch {
        return undefined;
      }
    },
  };
  return self;
}

function parseReady(text: string): Ready {
  try {
    return JSON.parse(text) as Ready;
  } catch {
    return { ok: false, error: 'the child said something that is not JSON' };
  }
}

/** Wrappers that do not `exec` leave the isolate in their child's child. */
function innermost(pid: number): number {
  for (let at = pid; ; ) {
    let next: string | undefined;
    try {
      next = readFileSync(`/proc/${at}/task/${at}/children`, 'latin1').trim().split(' ')[0];
    } catch {
      return at;
    }
    if (!next) return at;
    at = Number(next);
  }
}

const outOfMemory = /out of memory|heap_oom|heap limit|bad_alloc|Fatal process OOM|allocation fail/i;

/** A frame of a stack, of JavaScript or of the engine. */
const frame = /^\s*(at .+|\d+: 0x.*)$/;

/** A line that says what went wrong, as programs and errors of Node word it. */
const telling = /^[\w-]+: |error|fatal|cannot|could not|failed/i;

/** The longest line that is shown of what a process printed, in characters. */
const mostShown = 300;

/** Whether the engine gave up for want of memory, by what it printed to standard error. */
export function ranOutOfMemory(stderr: string): boolean {
  return outOfMemory.test(stderr);
}

/**
 * Why a child ended before it was ready: without a full stop at the end. Of a dying engine's many lines it is the one that says
 * what was wrong, never a frame of its stack.
 */
export function explainDeath({ stderr, code, signal }: Exit): string {
  const lines = stderr.split('\n').flatMap((line) => {
    const said = line.replace(/^[#\s]+/, '').trim();
    return said === '' || frame.test(line) || /^(<---|-----|\^)/.test(said) ? [] : [said];
  });
  const line = lines.find((each) => telling.test(each)) ?? lines.at(-1);
  if (line === undefined) return `the child ended with ${signal ?? `exit code ${code}`}`;
  const said = (line.length > mostShown ? `${line.slice(0, mostShown)}…` : line).replace(/\.$/, '');
  if (!ranOutOfMemory(stderr)) return said;
  return `${said}. Each process reserves several GiB of addresses: raise the limit that is set with ulimit -v`;
}
