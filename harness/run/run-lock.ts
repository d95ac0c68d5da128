import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { InfrastructureError, UsageError } from '../errors.ts';

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
 * that has died. A claim beside the lock, which only one process can make, decides between two that find the same dead one.
 */
export function lockRun(directory: string): RunLock {
  const file = join(directory, 'run.lock');
  const own: Owner = { pid: process.pid, host: hostname(), startTicks: startTicksOf(process.pid) };
  const text = `${JSON.stringify(own)}\n`;
  if (writeNew(file, text)) return { takenOverFrom: undefined, release: releaser(file) };
  const found = readOwner(file);
  if (found && isAlive(found)) {
    throw new UsageError(
      `${directory} is being written by process ${found.pid}${found.host === own.host ? '' : ` on ${found.host}`}. Wait for it, or end it first.`,
    );
  }
  const claim = `${file}.${found ? `${found.pid}-${found.startTicks ?? 'unknown'}` : 'torn'}`;
  if (!writeNew(claim, text)) {
    throw new UsageError(`Another process is taking ${directory} over. If none is, remove ${claim}.`);
  }
  try {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } finally {
    rmSync(claim, { force: true });
  }
  return { takenOverFrom: found?.pid ?? 0, release: releaser(file) };
}

/** Also a process that ends before its time, by whatever calls `process.exit`, leaves no lock. */
function releaser(file: string): () => void {
  const remove = () => rmSync(file, { force: true });
  process.once('exit', remove);
  return () => {
    process.off('exit', remove);
    remove();
  };
}

function writeNew(file: string, text: string): boolean {
  try {
    const descriptor = openSync(file, 'wx');
    writeSync(descriptor, text);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InfrastructureError(`${file} cannot be written: ${reason}`, { cause: error });
  }
}

/** Undefined where the lock was torn: its process died while it wrote it. */
function readOwner(file: string): Owner | undefined {
  try {
    return owner.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
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

/** Field 22 of /proc/<pid>/stat; null where there is no such file, as on other systems than Linux. */
function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command's name in parentheses, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
