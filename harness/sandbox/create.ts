import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InfrastructureError, messageOf, UsageError } from '../errors.ts';
import { type IsolationLevel, LEVELS } from '../results/codes.ts';
import { driveProgram } from './drive-program.ts';
import { bootstrapSource } from './guest/bootstrap.ts';
import { childEntry, locateIvm, missingFor, planLaunch, type Wall } from './isolation.ts';
import { DEFAULT_LIMITS, resolveLimits } from './limits.ts';
import { type Child, startChild } from './process.ts';
import { type DrivenProgram, openProgram } from './program.ts';
import { type Boot, childStart } from './protocol.ts';
import type { Program, Sandbox, SandboxLimits } from './sandbox.ts';

export { killAllChildren } from './process.ts';

/** What children that were started ahead of need run before there is a program. */
const WARM_UP = `for (let i = 0; i < 700; i++) await mcp.s.call({ id: i, name: 'name' });`;

export type SandboxOptions = {
  /** The level to run at; `highest` takes the strongest that works on this machine. */
  level?: 'highest' | IsolationLevel;
  /** The level that must be reached. */
  minimum?: IsolationLevel;
  /** Children kept ready. */
  warm?: number;
};

/** For this directory's own tests: what they replace or leave out. */
export type SandboxTestOptions = {
  without?: readonly Wall[];
  boot?: Partial<Boot>;
  entry?: string;
  ivmDir?: string;
  nodeFlags?: readonly string[];
};

/**
 * Creates a sandbox at the strongest level that works here, tried by starting a child at it.
 * @throws UsageError where a level that was asked for is not reached, and InfrastructureError where none is. Both say what is
 * missing and how to get it.
 */
export async function createSandbox(
  options: SandboxOptions = {},
  test: SandboxTestOptions = {},
): Promise<Sandbox> {
  let cwd: string | undefined;
  try {
    cwd = mkdtempSync(join(tmpdir(), 'patternbench-sandbox-'));
    return await create(options, test, cwd);
  } catch (error) {
    if (cwd !== undefined) rmSync(cwd, { recursive: true, force: true });
    if (error instanceof UsageError || error instanceof InfrastructureError) throw error;
    throw new InfrastructureError(`No sandbox process can be started here. ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function create(options: SandboxOptions, test: SandboxTestOptions, cwd: string): Promise<Sandbox> {
  const located = locateIvm();
  const ivm = { ...located, dir: test.ivmDir ?? located.dir };
  const boot: Boot = {
    ivmDir: ivm.dir,
    ivmBinding: ivm.binding,
    bootstrap: bootstrapSource(),
    memoryMiB: Math.floor(DEFAULT_LIMITS.memoryBytes / 1024 / 1024),
    ...test.boot,
  };
  const bootText = JSON.stringify(boot);
  const warmUp = childStart({ source: WARM_UP, api: { s: ['call'] } }, DEFAULT_LIMITS);
  // Only for real bridges: a stand-in of a test cannot run the warm-up.
  const aheadText = test.boot === undefined ? JSON.stringify({ ...boot, warmUp }) : bootText;
  const entry = test.entry ?? childEntry(cwd);
  const { without = [], nodeFlags = [] } = test;
  const startAt = (level: IsolationLevel, ahead = true): Child => {
    const plan = planLaunch(level, { ivm, entry, cwd, without, nodeFlags });
    return startChild(plan, cwd, ahead ? aheadText : bootText);
  };
  const { level, child } = await reachLevel(options, startAt, without.includes('permission'));
  const pool = createPool(child, options.warm ?? 2, (ahead) => startAt(level, ahead));
  const open = new Set<DrivenProgram>();
  // A parent that exits without closing leaves nothing behind either; its children see their pipes close.
  const onExit = () => rmSync(cwd, { recursive: true, force: true });
  process.once('exit', onExit);

  async function openOne(
    program: Program,
    limits: SandboxLimits,
    signal: AbortSignal | undefined,
    trusted = false,
  ): Promise<DrivenProgram> {
    const began = performance.now();
    const child = (trusted && pool.takeUsed()) || (await pool.acquire());
    const opened = openProgram(child, program, limits, {
      startMs: performance.now() - began,
      signal,
      ...(trusted && { release: () => pool.giveBack(child) }),
      without,
    });
    open.add(opened);
    opened.onEnd(() => {
      open.delete(opened);
      // Only now: a start costs about 60 ms of CPU time, which would disturb what a running program's time is worth.
      setImmediate(() => pool.replenish()).unref();
    });
    return opened;
  }

  return {
    level,
    async open(program, { limits, signal, trusted } = {}) {
      return openOne(program, resolveLimits(limits), signal, trusted);
    },
    async run(program, { call, limits: given, signal, trusted }) {
      const limits = resolveLimits(given);
      const opened = await openOne(program, limits, signal, trusted);
      return driveProgram(opened, { call, callsInFlight: limits.callsInFlight });
    },
    async close() {
      await Promise.all([...open].map((program) => program.stop()));
      await pool.close();
      process.off('exit', onExit);
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}

/** Tries levels from the wanted one downwards until a child starts; the child that did is the first warm one. */
async function reachLevel(
  options: SandboxOptions,
  startAt: (level: IsolationLevel) => Child,
  networkMayBeOpen: boolean,
): Promise<{ level: IsolationLevel; child: Child }> {
  const { level: wanted = 'highest', minimum = wanted === 'highest' ? 'L1' : wanted } = options;
  const top = LEVELS.indexOf(wanted === 'highest' ? 'L3' : wanted);
  /** What stands in the way, and of which levels. */
  const reasons = new Map<string, string[]>();
  const add = (reason: string, level: string) => reasons.set(reason, [...(reasons.get(reason) ?? []), level]);
  for (let i = top; i >= LEVELS.indexOf(minimum); i--) {
    const level = LEVELS[i] as IsolationLevel;
    const missing = missingFor(level);
    if (missing.length > 0) {
      add(`needs ${missing.join(' and ')}`, level);
      continue;
    }
    const child = startAt(level);
    const ready = await child.awaitReady();
    if (ready.ok && (level !== 'L2' || ready.netDenied || networkMayBeOpen)) return { level, child };
    child.kill();
    add(`did not start: ${ready.ok ? 'the network stayed open' : ready.error}`, level);
  }
  const why = [...reasons].map(([reason, levels]) => `${levels.join(', ')} ${reason}`).join('; ');
  const said = `The sandbox cannot reach isolation level ${minimum}: ${why}.`;
  if (options.minimum !== undefined || wanted !== 'highest') throw new UsageError(said);
  throw new InfrastructureError(`No sandbox process can be started here. ${said}`);
}

/** Children that are kept for further trusted programs: as many as trials go side by side on a small machine. */
const MOST_USED = 4;

/**
 * Children that were started ahead of need, the first of them `child`, each handed out once, and those that await another trusted
 * program. Keeps `warm` of them ready once asked to; `ahead` says that a child is not needed at once.
 */
function createPool(child: Child, warm: number, start: (ahead: boolean) => Child) {
  const idle = new Set<Child>();
  const used = new Set<Child>();
  const all = new Set<Child>();
  let closed = false;
  let starting = false;

  function track(child: Child): Child {
    all.add(child);
    child.exited.then(() => {
      for (const waiting of [all, idle, used]) waiting.delete(child);
    });
    return child;
  }
  function take(waiting: Set<Child>): Child | undefined {
    const [child] = waiting;
    if (child) waiting.delete(child);
    return child;
  }
  /** Starts what is missing from the warm ones, in the background. */
  function replenish(): void {
    if (closed || starting || idle.size >= warm) return;
    try {
      const child = track(start(true));
      idle.add(child);
      // One at a time: what is started for later should not slow down what runs now.
      starting = true;
      child.ready.then(({ ok }) => {
        starting = false;
        if (ok) replenish();
      });
    } catch {
      // Whoever needs a child next starts one, and is told why it cannot be had.
    }
  }

  idle.add(track(child));
  return {
    replenish,
    /** A child that is ready, or the reason why none can be had as a rejection. */
    async acquire(): Promise<Child> {
      if (closed) throw new Error('The sandbox is closed.');
      // What was started ahead of need may have failed for want of something that is there now: once more, in earnest.
      const warmed = take(idle);
      if (warmed !== undefined && (await warmed.awaitReady()).ok) return warmed;
      const child = track(start(false));
      const ready = await child.awaitReady();
      if (ready.ok) return child;
      throw new InfrastructureError(`A sandbox process could not start: ${ready.error}.`);
    },
    /** A child that served a trusted program, for another. */
    takeUsed: () => take(used),
    /** Keeps a child for another trusted program, or ends it where there are enough. */
    giveBack(child: Child): void {
      if (closed || used.size >= MOST_USED) child.kill();
      else used.add(child);
    },
    async close(): Promise<void> {
      closed = true;
      await Promise.all([...all].map((child) => child.end()));
    },
  };
}
