import { isControl } from './codes.ts';
import type { Result, Summary } from './summary.ts';

/** What trials took: as they were billed, or as the whole job would have been with no context window. */
export type Figures = Pick<
  Result,
  'roundTrips' | 'toolCalls' | 'tokens' | 'ledger' | 'costUsd' | 'latencyMs'
>;

/**
 * A result as all its readers take it. `figures` is what was billed, in any case; `right` is the share of trials that were.
 * `overflowed`: a request did not fit the context window. `whole` is then the job done to its end with no window, or absent
 * where that is not known, as where a provider refused the request.
 */
type Reading = { figures: Figures } & (
  | { status: 'measured'; right: number }
  | { status: 'overflowed'; right: number; whole: (Figures & { right: number }) | undefined }
  | { status: 'not_measured'; fault: 'infrastructure' | 'scenario' }
);

/** What a result says, by how its trials ended; of several trials, by how most did. */
export function readResult(result: Result): Reading {
  const { correct, status, hypothetical, scenarioFault } = result;
  if (!isMeasured(result) || correct === null) {
    return { figures: result, status: 'not_measured', fault: scenarioFault ? 'scenario' : 'infrastructure' };
  }
  if (status !== 'context_overflow') return { figures: result, status: 'measured', right: correct };
  const whole = hypothetical && { ...hypothetical, right: hypothetical.correct };
  return { figures: result, status: 'overflowed', right: correct, whole };
}

/** Whether trials say something about the model: not where infrastructure, or the scenario's own code, ended them. */
export function isMeasured({ status }: Pick<Result, 'status'>): boolean {
  return status !== 'infrastructure_error';
}

/** Trials of a result that say nothing about the model. */
export function lostTrials(result: Pick<Result, 'status' | 'outcomes' | 'trials'>): number {
  return result.outcomes?.infrastructure_error ?? (isMeasured(result) ? 0 : result.trials);
}

/** Where the planned trials of a run are: planned = correct + wrong + errored + not run. */
type Tally = { planned: number; correct: number; wrong: number; errored: number; notRun: number };

/** Counts trials. `wrong` are those that ended with no right answer, for any reason; `errored` infrastructure ended. */
export function tallyTrials({ planned, results }: Pick<Summary, 'planned' | 'results'>): Tally {
  const tally = { planned, correct: 0, wrong: 0, errored: 0, notRun: planned };
  for (const result of results) {
    const { trials, correct } = result;
    const errored = lostTrials(result);
    // A share of trials; of a whole number of them it is one again.
    const right = Math.round((correct ?? 0) * (trials - errored));
    tally.correct += right;
    tally.wrong += trials - errored - right;
    tally.errored += errored;
    tally.notRun -= trials;
  }
  return tally;
}

/**
 * Says of which patterns no trial gave a right answer, for any reason; undefined where each pattern has a right one.
 * Controls are wrong on purpose and do not count.
 */
export function tellPatternsWithoutAnswer({ results }: Pick<Summary, 'results'>): string | undefined {
  const ended = results.filter(({ variant, trials }) => trials > 0 && !isControl(variant));
  const patterns = [...new Set(ended.map(({ pattern }) => pattern))];
  const failed = patterns.flatMap((pattern) => {
    const own = ended.filter((result) => result.pattern === pattern);
    const { correct, wrong, errored } = tallyTrials({ planned: 0, results: own });
    if (correct > 0) return [];
    const ends = [wrong > 0 && `${wrong} without one`, errored > 0 && `${errored} not measured`];
    return [`${pattern} (${ends.filter(Boolean).join(', ')})`];
  });
  if (failed.length === 0) return undefined;
  const all = failed.length === patterns.length ? 'Every pattern failed. ' : '';
  return `${all}No trial gave a right answer in: ${failed.join('; ')}.`;
}

/**
 * How a trial ended, in words. What a scenario's own code did wrong is no fault of the infrastructure, though files class it there.
 */
export function describeStatus(result: Pick<Result, 'status' | 'scenarioFault'>): string {
  if (!isMeasured(result) && result.scenarioFault) return "the scenario's own code failed";
  return result.status.replaceAll('_', ' ');
}
