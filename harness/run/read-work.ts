import type { TrialWork } from '../analysis/find-unequal.ts';
import type { Result } from '../results/summary.ts';
import { readWorkRecord } from '../results/work.ts';
import type { Trial } from './plan.ts';

/** A trial that has ended, with its result and its trace. */
export type EndedTrial = { trial: Trial; result: Result; traceFile: string };

/** What trials asked and were answered, from their directory. Those that infrastructure ended say nothing about their state. */
export function readWork(ended: readonly EndedTrial[]): TrialWork[] {
  return ended.flatMap(({ trial, result, traceFile }) => {
    const work = result.status === 'infrastructure_error' ? undefined : readWorkRecord(traceFile);
    if (!work) return [];
    const { variant, repeat, dataSeed } = trial;
    return [{ variant: variant.name, repeat, dataSeed, isComputed: result.evidence === 'scripted', work }];
  });
}
