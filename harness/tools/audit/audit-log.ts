import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  renameSync,
} from 'node:fs';
import { InfrastructureError, messageOf } from '../../errors.ts';
import { writeWhole } from '../../files.ts';
import { type AuditEntry, auditConventions, auditFormat } from '../../results/audit.ts';
import { type AuditHead, chainLine, chainStart, readLines, verifyChain } from './chain.ts';

/** How long the line of a result may wait for the next call's. */
const resultDelayMs = 10;

/**
 * With `resume`, a log that an interrupted run left is continued; a torn last line is cut off. With `fsync` the line of
 * each call is on the disk, not only with the operating system, before `written` resolves.
 */
type AuditLogOptions = { fsync: boolean; resume?: boolean };

/**
 * Starts or continues an append-only log of what crossed to the servers. A line is with the operating system when `written`
 * resolves, so that a call made after that is logged even if this process dies. Lines of calls that are asked for in one turn
 * of the event loop are written together. The line of a result goes with the next call's, or a moment later: nothing waits for
 * it. Throws an `InfrastructureError` where the file cannot be made, has anything in it already, or, when it is continued, was
 * changed.
 */
export function openAuditLog(file: string, { fsync, resume = false }: AuditLogOptions) {
  const writer = new Writer(file, fsync);
  let last: AuditHead = { records: 0, head: chainStart };
  let session = 1;
  const record = (entry: AuditEntry): void => {
    const { line, hash } = chainLine(last.head, last.records + 1, entry);
    last = { records: last.records + 1, head: hash };
    writer.add(line, last, entry.event);
  };
  try {
    if (writer.bytesBefore > 0) {
      if (!resume) throw new InfrastructureError(`The audit log ${file} exists already.`);
      const found = readEarlier(file);
      writer.truncate(found.bytes, found.clean);
      last = found.clean;
      if (last.records > 0) {
        session = found.sessions + 1;
        const cutBytes = writer.bytesBefore - found.bytes;
        record({ event: 'audit_resumed', session, cutBytes, measured: { at: new Date().toISOString() } });
      }
    }
  } catch (error) {
    writer.close();
    throw error;
  }
  return {
    /** Throws an `InfrastructureError` where a line could not be written whole; from then on it always does. */
    record,
    /** Resolves when every line so far is written; rejects with an `InfrastructureError` where one cannot be. */
    written: () => writer.written(),
    /** What the file holds: what a summary says of the log must be in it, even where the disk has failed since. */
    head: () => writer.head(),
    /** How many times the run has been started or resumed. */
    session,
    close: () => writer.close(),
  };
}

export type AuditLog = ReturnType<typeof openAuditLog>;

/** Starts the log of a run with the record that says what it is, or continues it. Throws as `openAuditLog` does. */
export function startRunAudit(
  file: string,
  about: { run: string; seed: number; versions: Record<string, string> },
  options: AuditLogOptions,
): AuditLog {
  const log = openAuditLog(file, options);
  if (log.head().records > 0) return log;
  log.record({
    event: 'audit_started',
    format: auditFormat,
    conventions: auditConventions,
    ...about,
    measured: { at: new Date().toISOString() },
  });
  return log;
}

/**
 * Why a log is not the one that a summary was written after, in words; undefined where it may be continued. A process that
 * dies after its last summary leaves more records than that, and a torn last line. Without `kept` there was no summary
 * yet, and the log need only follow from its own beginning.
 */
export function findLogProblem(file: string, kept: AuditHead | undefined): string | undefined {
  if (!existsSync(file)) return kept && kept.records > 0 ? 'it is missing' : undefined;
  const { problem } = verifyChain(readLines(file), kept && { ...kept, isFinal: false });
  return problem?.isTorn ? undefined : problem?.message;
}

/** Renames a log that cannot be continued to the first name that is free, as evidence. Gives its new name. */
export function setLogAside(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  for (let number = 1; ; number += 1) {
    const aside = file.replace(/\.jsonl$/, `.aside-${number}.jsonl`);
    if (existsSync(aside)) continue;
    renameSync(file, aside);
    return aside;
  }
}

/** The records of a log that is continued, and the bytes that they take. */
function readEarlier(file: string): { clean: AuditHead; bytes: number; sessions: number } {
  let bytes = 0;
  let sessions = 1;
  const { clean, problem } = verifyChain(readLines(file), undefined, (line) => {
    bytes += line.length + 1;
    if (line.includes('"event":"audit_resumed"')) sessions += 1;
  });
  if (problem && !problem.isTorn) {
    throw new InfrastructureError(`The audit log ${file} cannot be continued: ${problem.message}.`);
  }
  return { clean, bytes, sessions };
}

/** Appends lines in batches. After the first failure everything but `head` and `close` throws an `InfrastructureError`. */
class Writer {
  readonly bytesBefore: number;
  readonly #file: string;
  readonly #fsync: boolean;
  readonly #descriptor: number;
  #broken: string | undefined;
  #isOpen = true;
  #onFile: AuditHead = { records: 0, head: chainStart };
  #last = this.#onFile;
  #unwritten = '';
  #mustSync = false;
  #soon: NodeJS.Timeout | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(file: string, fsync: boolean) {
    this.#file = file;
    this.#fsync = fsync;
    this.#descriptor = this.#attempt(() => openSync(file, 'a'));
    this.bytesBefore = this.#attempt(() => fstatSync(this.#descriptor).size);
    process.on('exit', this.#flushQuietly);
  }

  add(line: string, head: AuditHead, event: AuditEntry['event']): void {
    this.#attempt(() => undefined);
    this.#soon ??= setTimeout(this.#flushQuietly, resultDelayMs).unref();
    this.#unwritten += line;
    this.#last = head;
    this.#mustSync ||= this.#fsync && event === 'call';
    if (event !== 'result' && event !== 'call') this.#flush();
  }

  async written(): Promise<void> {
    this.#attempt(() => undefined);
    if (this.#unwritten === '') return;
    if (!this.#waiting) {
      this.#waiting = Promise.withResolvers();
      // After the promises that are ready now, and with them the other calls of this turn.
      process.nextTick(this.#flushQuietly);
    }
    await this.#waiting.promise;
  }

  truncate(bytes: number, head: AuditHead): void {
    this.#attempt(() => ftruncateSync(this.#descriptor, bytes));
    this.#last = this.#onFile = head;
  }

  head(): AuditHead {
    this.#flushQuietly();
    return this.#onFile;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#flushQuietly();
    process.off('exit', this.#flushQuietly);
    closeSync(this.#descriptor);
    this.#isOpen = false;
    this.#broken ??= 'it is closed';
  }

  #flush(): void {
    clearTimeout(this.#soon);
    const [lines, sync, waiting] = [this.#unwritten, this.#mustSync, this.#waiting];
    this.#unwritten = '';
    this.#mustSync = false;
    this.#soon = undefined;
    this.#waiting = undefined;
    try {
      this.#attempt(() => {
        if (lines !== '') writeWhole(this.#descriptor, lines);
        if (sync) fdatasyncSync(this.#descriptor);
      });
      this.#onFile = this.#last;
      waiting?.resolve();
    } catch (error) {
      waiting?.reject(error);
      throw error;
    }
  }

  /** A failure here is met by those who wait, or by the next call, which is not made. */
  readonly #flushQuietly = () => {
    try {
      this.#flush();
    } catch {
      // `#broken` says so from now on.
    }
  };

  #attempt<T>(work: () => T): T {
    try {
      if (this.#broken !== undefined) throw new Error(this.#broken);
      return work();
    } catch (error) {
      this.#broken ??= messageOf(error);
      const message = `The audit log ${this.#file} cannot be written: ${this.#broken}. A call that cannot be logged is not made.`;
      throw new InfrastructureError(message, { cause: error });
    }
  }
}
