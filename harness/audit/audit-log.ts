import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { InfrastructureError, messageOf } from '../errors.ts';
import { writeWhole } from '../write-whole.ts';
import { chainLine, chainStart } from './chain.ts';
import { readLines } from './read-lines.ts';
import type { AuditEntry } from './record.ts';
import { verifyChain } from './verify-chain.ts';

/** How many records a log has and the hash of the last: whoever keeps it can tell whether any of them changed. */
export type AuditHead = { records: number; head: string };

/**
 * An append-only log of what crossed to the servers. A line is with the operating system when `written` resolves, so that
 * a call made after that is logged whatever becomes of this process. Lines of calls that are asked for in one turn of the
 * event loop go over together; the line of a result goes with the next call's, or a moment later: nothing waits for it.
 */
export type AuditLog = {
  /** Throws an `InfrastructureError` where a line could not be written whole; from then on it always does. */
  record(entry: AuditEntry): void;
  /** Resolves when every line so far is written; rejects with an `InfrastructureError` where one cannot be. */
  written(): Promise<void>;
  head(): AuditHead;
  /** How many times the run has been begun or gone on with. */
  readonly session: number;
  close(): void;
};

/** How long the line of a result may wait for the next call's. */
const resultDelayMs = 10;

/**
 * With `resume`, a log that an interrupted run left is gone on with; a torn last line is cut off. With `fsync` the line
 * of each call is on the disk, not only with the operating system, before `written` resolves.
 */
export type AuditLogOptions = { fsync: boolean; resume?: boolean };

/**
 * Starts a log. Throws an `InfrastructureError` where the file cannot be made, has anything in it already, or, when it is
 * gone on with, was changed.
 */
export function openAuditLog(file: string, { fsync, resume = false }: AuditLogOptions): AuditLog {
  let broken: string | undefined;
  let records = 0;
  let head = chainStart;
  /** What the file is known to hold. */
  let onFile: AuditHead = { records, head };
  const fail = (error: unknown): never => {
    broken ??= messageOf(error);
    throw new InfrastructureError(
      `The audit log ${file} cannot be written: ${broken}. A call that cannot be logged is not made.`,
      { cause: error },
    );
  };
  const descriptor = guard(fail, () => openSync(file, 'a'));
  let open = true;
  let unwritten = '';
  let mustSync = false;
  let soon: NodeJS.Timeout | undefined;
  let waiting: PromiseWithResolvers<void> | undefined;
  const flush = () => {
    clearTimeout(soon);
    soon = undefined;
    const [lines, sync, waiters] = [unwritten, mustSync, waiting];
    unwritten = '';
    mustSync = false;
    waiting = undefined;
    try {
      if (broken !== undefined) fail(new Error(broken));
      if (lines !== '') {
        guard(fail, () => {
          writeWhole(descriptor, lines);
          if (sync) fdatasyncSync(descriptor);
        });
      }
      onFile = { records, head };
      waiters?.resolve();
    } catch (error) {
      waiters?.reject(error);
      throw error;
    }
  };
  /** A failure here is met by those who wait, or by the next call, which is not made. */
  const flushLater = () => {
    try {
      flush();
    } catch {
      // `broken` says so from now on.
    }
  };
  const written = (): Promise<void> => {
    if (broken !== undefined)
      return Promise.reject(new InfrastructureError(`The audit log ${file} is broken: ${broken}.`));
    if (unwritten === '') return Promise.resolve();
    if (!waiting) {
      waiting = Promise.withResolvers();
      // After the promises that are ready now, and with them the other calls of this turn.
      process.nextTick(flushLater);
    }
    return waiting.promise;
  };
  const close = () => {
    if (open) {
      flushLater();
      process.off('exit', flushLater);
      closeSync(descriptor);
    }
    open = false;
    broken ??= 'it is closed';
  };
  const { size } = fstatSync(descriptor);
  if (size > 0 && !resume) {
    closeSync(descriptor);
    fail(new Error('there is one already'));
  }
  process.on('exit', flushLater);
  let session = 1;
  const record: AuditLog['record'] = (entry) => {
    if (broken !== undefined) fail(new Error(broken));
    const { line, hash } = chainLine(head, records + 1, entry);
    soon ??= setTimeout(flushLater, resultDelayMs).unref();
    unwritten += line;
    mustSync ||= fsync && entry.event === 'call';
    records += 1;
    head = hash;
    if (entry.event !== 'result' && entry.event !== 'call') flush();
  };
  if (size > 0) {
    let cleanBytes = 0;
    const { clean, problem } = verifyChain(readLines(file), undefined, (line) => {
      cleanBytes += line.length + 1;
      if (line.includes('"event":"audit_resumed"')) session += 1;
    });
    if (problem && problem.kind !== 'torn') {
      close();
      throw new InfrastructureError(`The audit log ${file} cannot be gone on with: ${problem.message}.`);
    }
    guard(fail, () => ftruncateSync(descriptor, cleanBytes));
    ({ records, head } = clean);
    onFile = clean;
    session += 1;
    record({
      event: 'audit_resumed',
      session,
      cutBytes: size - cleanBytes,
      measured: { at: new Date().toISOString() },
    });
  }
  return {
    record,
    written,
    session,
    head() {
      // What a summary says of the log must be in the log, whatever the disk refused since.
      flushLater();
      return onFile;
    },
    close,
  };
}

function guard<T>(fail: (error: unknown) => never, write: () => T): T {
  try {
    return write();
  } catch (error) {
    return fail(error);
  }
}
