import { UsageError } from '../errors.ts';
import type { Trial } from '../plan/plan.ts';
import type { RunRecord } from '../results/run.ts';
import type { TrialResult } from './aggregate.ts';
import { journalKeyOf } from './journal.ts';
import { changesSince, type EarlierRun } from './resume.ts';

/** The record of the run as it was begun, where it is gone on with; throws where it has changed and nobody said that it may. */
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
  return {
    record: { ...rest, ...(forced.length > 0 && { forced }), measured: earlier.record.measured },
    forced,
  };
}

/** What had ended before; a trial that infrastructure ended measured nothing and is done again. */
export function endedBefore(
  trials: readonly Trial[],
  earlier: EarlierRun | undefined,
): Map<string, TrialResult> {
  const planned = new Set(trials.map(journalKeyOf));
  const ended = [...(earlier?.journal?.ended ?? [])].filter(
    ([key, { result }]) => planned.has(key) && result.status !== 'infrastructure_error',
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
