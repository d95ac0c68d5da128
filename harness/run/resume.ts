import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialResult } from '../analysis/aggregate.ts';
import { messageOf, UsageError, VerificationError } from '../errors.ts';
import { canonicalJson } from '../json.ts';
import { isMeasured } from '../results/reading.ts';
import { journalFileName, type RunRecord, readRecord, readSummary, runFileName } from '../results/run.ts';
import { findLogProblem } from '../tools/audit/audit-log.ts';
import type { AuditHead } from '../tools/audit/chain.ts';
import { type JournalContent, readJournal } from './journal.ts';
import { keyOf, type Trial } from './plan.ts';
import { type RunDirectory, reopenRunDirectory } from './run-directory.ts';

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
function findAuditProblem(directory: RunDirectory, journal: JournalContent | undefined): string | undefined {
  let kept: AuditHead | undefined;
  try {
    kept = existsSync(directory.summaryFile) ? readSummary(directory.path).measured?.audit : undefined;
  } catch (error) {
    return messageOf(error);
  }
  if (!existsSync(directory.summaryFile) && journal && journal.ended.size > 0) {
    return 'summary.json, which says how long it was, is missing';
  }
  return findLogProblem(directory.auditFile, kept);
}

/** What a run is now that it was not when it was begun, each in words; empty where it can simply go on. */
function changesSince(before: RunRecord, now: RunRecord): string[] {
  const changes: string[] = [];
  for (const name of namesOf(before.versions, now.versions)) {
    const [was, is] = [before.versions[name] ?? 'absent', now.versions[name] ?? 'absent'];
    if (was !== is) changes.push(`version of ${name}: ${was} is now ${is}`);
  }
  for (const scenario of now.scenarios) {
    const old = before.scenarios.find(
      (each) => each.name === scenario.name && !differs(each.params, scenario.params),
    );
    if (!old) changes.push(`scenario ${scenario.name}: its parameters are others, or it is new`);
    else if (old.hash !== scenario.hash) changes.push(`scenario ${scenario.name}: its files have changed`);
  }
  for (const { name, params } of before.scenarios) {
    const own = before.scenarios.filter((each) => each.name === name);
    if (!now.scenarios.some((each) => each.name === name)) changes.push(`scenario ${name}: it is gone`);
    else if (
      own.length > 1 &&
      !now.scenarios.some((each) => each.name === name && !differs(each.params, params))
    )
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
  const ended = [...(earlier?.journal?.ended ?? [])].filter(
    ([key, { result }]) => planned.has(key) && isMeasured(result),
  );
  return new Map(ended);
}

/** USD that all trials had cost: the finished ones, those that are done again, and those that were given up on. */
export function spentBefore({ journal }: Pick<EarlierRun, 'journal'>): number {
  if (!journal) return 0;
  const ended = [...journal.ended.values()].reduce(
    (sum, { result }) => sum + (result.costUsd?.cached ?? 0),
    0,
  );
  return ended + journal.abandonedUsd;
}
