import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { explainFailure, InfrastructureError, messageOf, UsageError } from '../errors.ts';
import { inOrder, makeDirectory, writeJson } from '../files.ts';
import {
  auditFileName,
  journalFileName,
  type RunRecord,
  runFileName,
  runSchema,
  summaryFileName,
} from '../results/run.ts';
import { type Summary, summarySchema } from '../results/summary.ts';
import { statOf } from '../sandbox/process.ts';

/** A run's directory; the run is its only writer. */
export type RunDirectory = ReturnType<typeof reopenRunDirectory>;

/**
 * Creates the directory of a new run. One that a run left which was killed before it wrote anything of its own is as good as
 * a new one. Throws a `UsageError` where something else is there already or it cannot be made.
 */
export function createRunDirectory(path: string): RunDirectory {
  const isFree = explainFailure(UsageError, `The run directory ${path} cannot be made`, () => {
    if (existsSync(path) && !isUnused(path)) return false;
    makeDirectory(join(path, 'trials'));
    return true;
  });
  if (!isFree)
    throw new UsageError(`${path} is not empty; a run is never written over another. Choose another --out.`);
  return reopenRunDirectory(path);
}

/** Whether a directory holds nothing but what a run makes before its `run.json`: a lock and a place for traces. */
function isUnused(path: string): boolean {
  return readdirSync(path).every((name) =>
    name === 'trials'
      ? readdirSync(join(path, name)).length === 0
      : name === 'run.json.tmp' || /^run\.lock(\.|$)/.test(name),
  );
}

/** Opens the directory of a run that was begun. Throws a `UsageError` while another process writes it. */
export function reopenRunDirectory(path: string) {
  const lock = lockRun(path);
  let written: string | undefined;
  return {
    path,
    journalFile: join(path, journalFileName),
    auditFile: join(path, auditFileName),
    summaryFile: join(path, summaryFileName),
    traceFile: (scenario: string, variant: string, repeat: number) =>
      join(path, 'trials', scenario, variant, `${repeat}.jsonl`),
    /** The dead process that the directory was taken over from. */
    takenOverFrom: lock.takenOverFrom,
    /** Lets go of the directory. */
    close: () => lock.release(),
    writeRun(record: RunRecord): void {
      const text = JSON.stringify(record);
      // Replacing a file waits for the disk, and this one rarely changes.
      if (text === written) return;
      writeJson(join(path, runFileName), inOrder(runSchema, record).value);
      written = text;
    },
    /** Returns the summary as it was written; `onFault` is told where it is not as its format says. */
    writeSummary(summary: Summary, onFault?: (place: string) => void): Summary {
      const { value, fault } = inOrder(summarySchema, summary);
      if (fault !== undefined) onFault?.(fault);
      writeJson(join(path, summaryFileName), value);
      return value;
    },
  };
}

/** Says which process writes a run directory. */
const owner = z.strictObject({
  pid: z.int().positive(),
  host: z.string(),
  /** When the process started, in clock ticks since the machine did; tells it from a later one with the same id. */
  startTicks: z.string().nullable(),
});
type Owner = z.infer<typeof owner>;

export type RunLock = {
  /** The dead process that the directory was taken over from. */
  takenOverFrom: number | undefined;
  release(): void;
};

/**
 * Makes this process the only writer of a run directory. Throws a `UsageError` while another process is; takes over from one
 * that has died. A claim beside the lock, which only one process at a time can make, decides between two that find the same
 * dead one. Who makes it looks at the lock again: the one before may have taken over and removed its claim in the meantime.
 * `beforeClaim` runs between the two looks, for tests.
 */
export function lockRun(directory: string, { beforeClaim = () => {} } = {}): RunLock {
  const file = join(directory, 'run.lock');
  const own: Owner = { pid: process.pid, host: hostname(), startTicks: startTicksOf(process.pid) };
  const text = `${JSON.stringify(own)}\n`;
  if (writeNew(file, text)) return { takenOverFrom: undefined, release: releaser(file) };
  const found = readLock(file);
  refuseLiving(directory, found);
  beforeClaim();
  const claims = claimFrom(directory, file, found, text);
  try {
    const now = readLock(file);
    if (now.text !== found.text) {
      refuseLiving(directory, now);
      throw new UsageError(`Another process has just let go of ${directory}. Try again.`);
    }
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } catch (error) {
    // Claims of the dead stay: without them, one that still reads the old lock would find nothing in its way.
    rmSync(claims.at(-1) ?? '', { force: true });
    throw error;
  }
  for (const claim of claims) rmSync(claim, { force: true });
  return { takenOverFrom: found.owner?.pid ?? 0, release: releaser(file) };
}

/**
 * Claims the place of a dead owner; where one that claimed it before has died too, that one's place. Returns the claims on
 * the way, this process's last. Throws a `UsageError` where one that lives was faster.
 */
function claimFrom(directory: string, file: string, found: FoundLock, text: string): string[] {
  const claims: string[] = [];
  for (let { owner: dead } = found; ; ) {
    const claim = `${file}.${dead ? `${dead.pid}-${dead.startTicks ?? 'unknown'}` : 'torn'}`;
    claims.push(claim);
    if (writeNew(claim, text)) return claims;
    const { owner: claimant } = readLock(claim);
    const isStuck = claims.indexOf(claim) < claims.length - 1;
    if (!claimant || isAlive(claimant) || isStuck) {
      throw new UsageError(`Another process is taking ${directory} over. If none is, remove ${claim}.`);
    }
    dead = claimant;
  }
}

function refuseLiving(directory: string, { owner: holder }: FoundLock): void {
  if (!holder || !isAlive(holder)) return;
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  throw new UsageError(
    `${directory} is being written by process ${holder.pid}${where}. Wait for it, or end it first.`,
  );
}

/** A process that ends early, by any call of `process.exit`, leaves no lock either. */
function releaser(file: string): () => void {
  const remove = () => rmSync(file, { force: true });
  process.once('exit', remove);
  return () => {
    process.off('exit', remove);
    remove();
  };
}

/** Makes a file that is whole from the start; false where there is one already. */
function writeNew(file: string, text: string): boolean {
  const whole = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(whole, text);
    try {
      linkSync(whole, file);
    } catch (error) {
      // Some file systems have no links; there, a reader may see the file before its text.
      if (!noLinks.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      writeFileSync(file, text, { flag: 'wx' });
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new InfrastructureError(`${file} cannot be written: ${messageOf(error)}`, { cause: error });
  } finally {
    rmSync(whole, { force: true });
  }
}

const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** A lock as it was read; without an owner where its process died while it wrote it, or where there is none. */
type FoundLock = { text: string | undefined; owner: Owner | undefined };

function readLock(file: string): FoundLock {
  let text: string | undefined;
  try {
    text = readFileSync(file, 'utf8');
    return { text, owner: owner.parse(JSON.parse(text)) };
  } catch {
    return { text, owner: undefined };
  }
}

/** A process on another machine cannot be looked at, so it is taken to be alive. */
function isAlive({ pid, host, startTicks }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startTicksOf(pid);
  return startTicks === null || now === null || now === startTicks;
}

/** When a process started; null where the system does not tell, as other systems than Linux. */
function startTicksOf(pid: number): string | null {
  try {
    return statOf(pid)[19] ?? null;
  } catch {
    return null;
  }
}
