import { isControl } from './codes.ts';
import type { Result, Summary } from './summary.ts';

/** Where the planned trials of a run are: planned = correct + wrong + errored + not run. */
export type Tally = { planned: number; correct: number; wrong: number; errored: number; notRun: number };

/** Counts trials. `wrong` are those that ended with no right answer, for any reason; `errored` infrastructure ended. */
export function tallyTrials({ planned, results }: Pick<Summary, 'planned' | 'results'>): Tally {
  const tally = { planned, correct: 0, wrong: 0, errored: 0, notRun: planned };
  for (const { trials, status, outcomes, correct } of results) {
    const errored = outcomes?.infrastructure_error ?? (status === 'infrastructure_error' ? trials : 0);
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

/** How a trial ended, in words. What a scenario's own code did wrong is no fault of the infrastructure, though files class it there. */
export function describeStatus({ status, scenarioFault }: Pick<Result, 'status' | 'scenarioFault'>): string {
  if (status === 'infrastructure_error' && scenarioFault) return "the scenario's own code failed";
  return status.replaceAll('_', ' ');
}
