import { closeSync, existsSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { TrialResult } from '../analysis/aggregate.ts';
import { explainFailure, InfrastructureError, messageOf, UsageError, VerificationError } from '../errors.ts';
import { inOrder, writeWhole } from '../files.ts';
import { canonicalJson } from '../json.ts';
import { trialKey } from '../results/point.ts';
import { isMeasured } from '../results/reading.ts';
import {
  type FoundItems,
  journalFileName,
  journalFormat,
  journalHeader,
  journalLine,
  journalRecord,
  type RunRecord,
  readRecord,
  readSummary,
  runFileName,
} from '../results/run.ts';
import type { Result } from '../results/summary.ts';
import { findLogProblem } from '../tools/audit/audit-log.ts';
import type { AuditHead } from '../tools/audit/chain.ts';
import { keyOf, type Trial } from './plan.ts';
import { type RunDirectory, reopenRunDirectory } from './run-directory.ts';

/** What a journal holds: the run as it was begun, the trials that have ended, what was found and what was spent besides. */
type JournalContent = NonNullable<ReturnType<typeof readJournal>>;

/**
 * `results.jsonl`: the outcome of every trial and search, a line each, written when it has ended. It is what a resumed run goes
 * by, so that a trial has ended exactly if its line is whole.
 */
export type Journal = ReturnType<typeof openJournal>;

/** Starts a journal, or continues one after its last whole line. */
export function openJournal(file: string, run: RunRecord, earlier: JournalContent | undefined) {
  const guard = <T>(write: () => T) =>
    explainFailure(InfrastructureError, `${file} cannot be written`, write);
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
    ended: (repeat: number, result: Result) => append({ repeat, result }),
    foundItems: (found: FoundItems) => append(found),
    abandoned: (trial: string, costUsd: number | null) => append({ abandoned: trial, costUsd }),
    forced: (changes: string[]) => append({ forced: changes }),
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
export function readJournal(file: string) {
  if (!existsSync(file)) return undefined;
  const bytes = explainFailure(UsageError, `${file} cannot be read`, () => readFileSync(file));
  let at = bytes.indexOf(10) + 1;
  const header = parse(journalHeader, bytes.subarray(0, at));
  if (!header) return undefined;
  const content = {
    run: header.run,
    /** By `trialKey`. */
    ended: new Map<string, TrialResult>(),
    /** By scenario, what was found about the number of items at which its verdict flips; the last of several. */
    foundItems: new Map<string, FoundItems>(),
    abandonedUsd: 0,
    /** What had changed when the run was resumed nevertheless. */
    forced: [] as string[],
    /** Bytes that can be relied on; what follows was cut off in the middle of a write. */
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

function parse<T>(schema: z.ZodType<T>, bytes: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** A run that was started earlier and is resumed. */
export type EarlierRun = {
  directory: RunDirectory;
  record: RunRecord;
  journal: JournalContent | undefined;
  /** Why its audit log cannot be continued, where that was accepted: another is started. */
  auditProblem: string | undefined;
  /** Whether changes since then are accepted, and recorded. */
  force: boolean;
};

/**
 * Opens a run directory to resume its run; this process is then its only writer. Reads the run from its journal, or from
 * `run.json` if the journal is torn. Throws a `UsageError` where it is no run or cannot be resumed, and a
 * `VerificationError` where its audit log is not the one that its last summary was written after, unless forced.
 */
export function openEarlierRun(path: string, force: boolean): EarlierRun {
  const file = join(path, runFileName);
  if (!existsSync(file) && !existsSync(join(path, journalFileName))) {
    throw new UsageError(`${path} has no run.json. Is it the directory of a run?`);
  }
  const directory = reopenRunDirectory(path);
  try {
    const journal = readJournal(join(path, journalFileName));
    const record = journal ? { ...journal.run, ...metServers(path) } : readRecord(path);
    if (!record.config)
      throw new UsageError(`${file} does not say how the run was begun; it cannot be resumed.`);
    const auditProblem = findAuditProblem(directory, journal);
    if (auditProblem !== undefined && !force) {
      throw new VerificationError(
        `${path} cannot be resumed: its audit log does not hold what its last summary says that it held: ${auditProblem}.\nRecords of calls were changed or lost. Look at it with patternbench audit verify ${path}. Start a new run, or resume it with --force, which is recorded: the log is put aside and another begun.`,
      );
    }
    return { directory, record, journal, auditProblem, force };
  } catch (error) {
    directory.close();
    throw error;
  }
}

/** What only `run.json` holds, as the journal begins before any server is met; nothing where it cannot be read. */
function metServers(path: string): Pick<RunRecord, 'authorization' | 'servers'> {
  try {
    const { authorization, servers } = readRecord(path);
    return { ...(authorization && { authorization }), ...(servers && { servers }) };
  } catch {
    return {};
  }
}

/** A summary is written before the first trial and within a second after each: only a readable one tells what was logged. */
function findAuditProblem(
  { path, summaryFile, auditFile }: RunDirectory,
  journal: JournalContent | undefined,
): string | undefined {
  if (!existsSync(summaryFile)) {
    if (journal && journal.ended.size > 0) return 'summary.json, which says how long it was, is missing';
    return findLogProblem(auditFile, undefined);
  }
  let kept: AuditHead | undefined;
  try {
    kept = readSummary(path).measured?.audit;
  } catch (error) {
    return messageOf(error);
  }
  return findLogProblem(auditFile, kept);
}

/** What a run is now that it was not when it was begun, each in words; empty where it can simply go on. */
function changesSince(before: RunRecord, now: RunRecord): string[] {
  const changes: string[] = [];
  for (const name of namesOf(before.versions, now.versions)) {
    const [was, is] = [before.versions[name] ?? 'absent', now.versions[name] ?? 'absent'];
    if (was !== is) changes.push(`version of ${name}: ${was} is now ${is}`);
  }
  const find = ({ scenarios }: RunRecord, { name, params }: RunRecord['scenarios'][number]) =>
    scenarios.find((each) => each.name === name && !differs(each.params, params));
  for (const scenario of now.scenarios) {
    const old = find(before, scenario);
    if (!old) changes.push(`scenario ${scenario.name}: its parameters are others, or it is new`);
    else if (old.hash !== scenario.hash) changes.push(`scenario ${scenario.name}: its files have changed`);
  }
  for (const scenario of before.scenarios) {
    const { name } = scenario;
    const isOne = before.scenarios.filter((each) => each.name === name).length === 1;
    if (!now.scenarios.some((each) => each.name === name)) changes.push(`scenario ${name}: it is gone`);
    else if (!isOne && !find(now, scenario))
      changes.push(
        `scenario ${name}: it was merged at several sizes; resume the runs that it was merged from`,
      );
  }
  const [was, is] = [before.config, now.config];
  if (differs(was?.scenarios, is?.scenarios)) changes.push('configuration: the scenarios asked for');
  changes.push(...findChangedOptions(was?.options ?? {}, is?.options ?? {}));
  if (differs(before.model, now.model)) changes.push('model: its prices, window or other constants');
  if (differs(before.latencyProfile, now.latencyProfile)) changes.push('latency profile: its rates');
  if (before.isolation !== now.isolation) {
    changes.push(`isolation of the sandbox: ${before.isolation} is now ${now.isolation}`);
  }
  return changes;
}

/** The options that were others when a run was begun, each in words. */
export function findChangedOptions(was: Record<string, unknown>, is: Record<string, unknown>): string[] {
  return namesOf(was, is)
    .filter((name) => differs(was[name], is[name]))
    .map(
      (name) => `configuration: ${name} was ${JSON.stringify(was[name])} and is ${JSON.stringify(is[name])}`,
    );
}

function differs(left: unknown, right: unknown): boolean {
  return canonicalJson(left ?? null) !== canonicalJson(right ?? null);
}

function namesOf(...records: object[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
}

/** The record of a resumed run as it was started; throws a `UsageError` where it has changed and that was not allowed. */
export function continueRecord(
  now: RunRecord,
  earlier: EarlierRun | undefined,
): { record: RunRecord; forced: string[] } {
  if (!earlier) return { record: now, forced: [] };
  const changes = changesSince(earlier.record, now);
  if (changes.length > 0 && !earlier.force) {
    throw new UsageError(
      `${earlier.directory.path} cannot be resumed, because its finished trials would not be comparable with new ones:\n${changes.map((change) => `- ${change}`).join('\n')}\nStart a new run, or resume it with --force, which is recorded.`,
    );
  }
  const audit =
    earlier.auditProblem === undefined ? [] : [`audit log: ${earlier.auditProblem}; another was begun`];
  const forced = [...new Set([...(earlier.journal?.forced ?? []), ...changes, ...audit])];
  const { measured, ...rest } = now;
  const { playedAs } = earlier.record;
  return {
    record: {
      ...rest,
      ...(playedAs !== undefined && { playedAs }),
      ...(forced.length > 0 && { forced }),
      measured: earlier.record.measured,
    },
    forced,
  };
}

/** What had ended before; a trial that infrastructure ended measured nothing and is done again. */
export function endedBefore(
  trials: readonly Trial[],
  earlier: EarlierRun | undefined,
): Map<string, TrialResult> {
  const planned = new Set(trials.map(keyOf));
  const isDone = ([key, { result }]: [string, TrialResult]) => planned.has(key) && isMeasured(result);
  return new Map([...(earlier?.journal?.ended ?? [])].filter(isDone));
}

/** USD that all trials had cost: the finished ones, those that are done again, and those that were given up on. */
export function spentBefore({ journal }: Pick<EarlierRun, 'journal'>): number {
  if (!journal) return 0;
  const ended = journal.ended.values().map(({ result }) => result.costUsd?.cached ?? 0);
  return ended.reduce((sum, usd) => sum + usd, 0) + journal.abandonedUsd;
}
