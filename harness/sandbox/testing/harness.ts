import { readdirSync, readFileSync } from 'node:fs';
import type { IsolationLevel } from '../../results/codes.ts';
import { makeFolder } from '../../testing/command-line.ts';
import { createSandbox, type SandboxOptions, type SandboxTestOptions } from '../create.ts';
import { driveProgram } from '../drive-program.ts';
import { missingFor } from '../isolation.ts';
import { resolveLimits } from '../limits.ts';
import { childPids, isRunning } from '../process.ts';
import type { DrivenProgram } from '../program.ts';
import type { CallResult, GuestCall, ProgramEnd, Sandbox, SandboxLimits } from '../sandbox.ts';
import { type AuditFindings, auditServers } from './audited-servers.ts';
import { CANARY, CANARY_NAME } from './escapes.ts';

/** What attacking programs may call. */
export const API: Record<string, string[]> = {
  s: ['echo', 'fail', 'never', 'deep', 'get_contact', 'list_contacts'],
};

/** Levels that this machine can reach, the weakest first; what is missing otherwise. */
export async function reachableLevels(): Promise<{ levels: IsolationLevel[]; skipped: string }> {
  const levels: IsolationLevel[] = [];
  let skipped = '';
  for (const level of ['L1', 'L2', 'L3'] as const) {
    try {
      await (await createSandbox({ level, warm: 0 })).close();
      levels.push(level);
    } catch (error) {
      skipped += `${level}: ${missingFor(level).join(', ') || (error as Error).message} `;
    }
  }
  return { levels, skipped };
}

export type Attempt = {
  end: ProgramEnd;
  calls: GuestCall[];
  text: string;
  longestGapMs: number;
  cancelled: boolean;
  audit: AuditFindings;
};

/** The servers that programs under test talk to. */
export async function answer(call: GuestCall, signal: AbortSignal, onCancel = () => {}): Promise<CallResult> {
  if (call.tool === 'fail') {
    const error = new Error('no such thing');
    return { ok: false, error: { code: 'not_found', message: error.message } };
  }
  if (call.tool === 'never') {
    signal.addEventListener('abort', onCancel, { once: true });
    return new Promise(() => {});
  }
  if (call.tool === 'deep') {
    const depth = Number((call.args as { depth: number }).depth);
    return { ok: true, valueJson: '['.repeat(depth) + ']'.repeat(depth) };
  }
  return { ok: true, valueJson: JSON.stringify(call.args) };
}

/** Runs one program and gathers everything that a canary might show up in. */
export async function attempt(
  sandbox: Sandbox,
  source: string,
  limits: Partial<SandboxLimits> = {},
): Promise<Attempt> {
  const calls: GuestCall[] = [];
  let cancelled = false;
  let longestGapMs = 0;
  let last = performance.now();
  const tick = setInterval(() => {
    const now = performance.now();
    longestGapMs = Math.max(longestGapMs, now - last);
    last = now;
  }, 20);
  const { call, findings } = auditServers((call, signal) => {
    calls.push(call);
    return answer(call, signal, () => {
      cancelled = true;
    });
  });
  try {
    const end = await sandbox.run({ source, api: API }, { limits, call });
    // Calls that were under way are called off in the turn after the end.
    await new Promise((resolve) => setImmediate(resolve));
    return {
      end,
      calls,
      text: JSON.stringify({ end, calls: calls.slice(0, 2000) }),
      longestGapMs,
      cancelled,
      audit: findings(),
    };
  } finally {
    clearInterval(tick);
  }
}

/** A sandbox with the canary in the host's environment. */
export function sandboxWithCanary(options: SandboxOptions, test?: SandboxTestOptions): Promise<Sandbox> {
  process.env[CANARY_NAME] = CANARY;
  return createSandbox(options, test);
}

/**
 * The same sandbox for programs that share its processes one after another, each in an isolate of its own: where what the isolate
 * and the bridge let through is the point. A process for each program takes ten times its CPU time.
 */
export function sharingProcesses(sandbox: Sandbox): Sandbox {
  const open: Sandbox['open'] = (program, options) => sandbox.open(program, { ...options, trusted: true });
  return {
    ...sandbox,
    open,
    async run(program, { call, ...options }) {
      const { callsInFlight } = resolveLimits(options.limits);
      return driveProgram((await open(program, options)) as DrivenProgram, { call, callsInFlight });
    },
  };
}

/** Whether every one of these processes is gone within `ms`. */
export async function goneWithin(pids: number[], ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (;;) {
    const left = pids.filter(isRunning);
    if (left.length === 0) return true;
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * A folder of its own for everything temporary, from now on, and what programs have left there: a sandbox's working
 * directory may lie in it, and must be empty.
 */
export function watchFiles(): () => string[] {
  const folder = makeFolder({});
  process.env.TMPDIR = folder;
  return () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !/^patternbench-sandbox-\w+([\\/]child\.mjs)?$/.test(path),
    );
}

/** Watches the resident memory of every child until it is stopped; the most that one of them had. */
export function watchMemory(): { stop(): number } {
  let peak = 0;
  const look = setInterval(() => {
    for (const pid of childPids()) {
      try {
        const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
        peak = Math.max(peak, pages * 4096);
      } catch {
        // Gone, or no /proc here.
      }
    }
  }, 5);
  return {
    stop() {
      clearInterval(look);
      return peak;
    },
  };
}

/** The names of everything that the host's own prototypes carry. */
export function hostPrototypes(): string {
  const held = [Object, Array, Function, Promise, String, Error, Map, RegExp].map((type) => [
    Reflect.ownKeys(type).map(String),
    Reflect.ownKeys(type.prototype as object).map(String),
  ]);
  return JSON.stringify(held);
}

export { childPids };
