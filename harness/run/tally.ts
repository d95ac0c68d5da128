import type { Summary } from './summary.ts';

/** Where the planned trials of a run are: planned = correct + wrong + errored + not run. */
export type Tally = { planned: number; correct: number; wrong: number; errored: number; notRun: number };

/** Counts trials. `wrong` are those that ended with no right answer, whatever stopped them; `errored` infrastructure ended. */
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
