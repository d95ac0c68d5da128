import { pointKey } from '../../harness/results/point.ts';
import type { Summary, Verdict } from '../../harness/results/summary.ts';
import type { Trend } from './data.ts';

/** A run that is kept beside others, and when it was begun, as an ISO date. */
export type StoredRun = { startedAt: string; summary: Summary };

/**
 * How the two sides of a workflow went from run to run, the oldest first. Runs of another model, measure, size or kind of evidence
 * are left out and counted. Undefined where fewer than two runs are left.
 */
export function toTrend(verdict: Verdict, stored: readonly StoredRun[], now: StoredRun): Trend | undefined {
  const isComparable = ({ summary }: StoredRun) =>
    summary.model === now.summary.model && summary.evidence === now.summary.evidence;
  const all = [...stored.filter(({ startedAt }) => startedAt !== now.startedAt), now]
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .filter(({ summary }) => summary.verdicts.some(({ scenario }) => scenario === verdict.scenario));
  const runs = all.flatMap((run) => {
    const own = run.summary.verdicts.find((each) => pointKey(each) === pointKey(verdict));
    return own && own.by === verdict.by && isComparable(run) ? [{ ...run, own }] : [];
  });
  if (runs.length < 2) return undefined;
  return {
    param: 'run',
    now: 1 + runs.findIndex(({ startedAt }) => startedAt === now.startedAt),
    names: runs.map(({ startedAt }) => startedAt.slice(0, 16).replace('T', ' ')),
    leftOut: all.length - runs.length,
    tried: runs.map(({ own }, index) => ({ at: index + 1, advice: own.pattern })),
    lines: (['classic', 'code'] as const).map((pattern) => ({
      variant: pattern,
      pattern,
      points: runs.flatMap(({ own: { sides, policy } }, index) => {
        const side = sides[pattern];
        if (!side?.value) return [];
        return [{ at: index + 1, value: side.value, ok: side.share >= policy.floor }];
      }),
    })),
  };
}
