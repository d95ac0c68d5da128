import { closeSync, existsSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { InfrastructureError, messageOf, UsageError } from '../errors.ts';
import { inOrder, writeWhole } from '../files.ts';
import { trialKey } from '../results/point.ts';
import type { FoundItems, RunRecord } from '../results/run.ts';
import { journalFormat, journalHeader, journalLine, journalRecord } from '../results/run.ts';
import type { Result } from '../results/summary.ts';

/** What a journal holds: the run as it was begun, the trials that have ended, what was found and what was spent besides. */
export type JournalContent = {
  run: RunRecord;
  /** By `trialKey`. */
  ended: Map<string, { repeat: number; result: Result }>;
  /** By scenario, what was found about the number of items at which its verdict flips; the last of several. */
  foundItems: Map<string, FoundItems>;
  abandonedUsd: number;
  /** What had changed when the run was resumed nevertheless. */
  forced: string[];
  /** Bytes that can be relied on; what follows was cut off in the middle of a write. */
  wholeBytes: number;
};

/**
 * `results.jsonl`: the outcome of every trial and search, a line each, written when it has ended. It is what a resumed run goes
 * by, so that a trial has ended exactly if its line is whole.
 */
export type Journal = {
  ended(repeat: number, result: Result): void;
  foundItems(found: FoundItems): void;
  abandoned(trial: string, costUsd: number | null): void;
  forced(changes: string[]): void;
  close(): void;
};

/** Starts a journal, or continues one after its last whole line. */
export function openJournal(file: string, run: RunRecord, earlier: JournalContent | undefined): Journal {
  const guard = <T>(write: () => T): T => {
    try {
      return write();
    } catch (error) {
      const reason = messageOf(error);
      throw new InfrastructureError(`${file} cannot be written: ${reason}`, { cause: error });
    }
  };
  let size = earlier?.wholeBytes ?? 0;
  const descriptor = guard(() => openSync(file, earlier ? 'r+' : 'w'));
  const append = (value: z.infer<typeof journalRecord>) =>
    guard(() => {
      size += writeWhole(descriptor, toLine(value), size);
    });
  try {
    if (earlier) guard(() => ftruncateSync(descriptor, size));
    else append({ format: journalFormat, run });
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return {
    ended: (repeat, result) => append({ repeat, result }),
    foundItems: append,
    abandoned: (trial, costUsd) => append({ abandoned: trial, costUsd }),
    forced: (changes) => append({ forced: changes }),
    close: () => closeSync(descriptor),
  };
}

/** One line of a journal. */
export function toLine(value: z.infer<typeof journalRecord>): string {
  return `${JSON.stringify(inOrder(journalRecord, value).value)}\n`;
}

/**
 * Reads a journal up to the first line that is not whole; undefined where not even the first is. Throws a `UsageError` where
 * it cannot be read.
 */
export function readJournal(file: string): JournalContent | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readWhole(file);
  let at = bytes.indexOf(10) + 1;
  const header = parse(journalHeader, bytes.subarray(0, at));
  if (!header) return undefined;
  const content: JournalContent = {
    run: header.run,
    ended: new Map(),
    foundItems: new Map(),
    abandonedUsd: 0,
    forced: [],
    wholeBytes: at,
  };
  for (let end = bytes.indexOf(10, at) + 1; end > 0; end = bytes.indexOf(10, at) + 1) {
    const line = parse(journalLine, bytes.subarray(at, end));
    if (!line) break;
    if ('result' in line) {
      const key = trialKey(line.result, line.repeat);
      // What infrastructure had ended was done again, and had been paid for the first time too.
      content.abandonedUsd += content.ended.get(key)?.result.costUsd?.cached ?? 0;
      content.ended.set(key, line);
    } else if ('items' in line) content.foundItems.set(line.scenario, line);
    else if ('forced' in line) content.forced.push(...line.forced);
    else content.abandonedUsd += line.costUsd ?? 0;
    at = end;
    content.wholeBytes = end;
  }
  return content;
}

function readWhole(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(`${file} cannot be read: ${reason}`, { cause: error });
  }
}

function parse<T>(schema: z.ZodType<T>, bytes: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
