import type { Summary } from '../results/summary.ts';
import { searchItems } from './item-search.ts';
import { openRun } from './open-run.ts';
import type { RunInput } from './run-input.ts';
import { runTrials } from './run-trials.ts';

/**
 * Executes a plan and writes the run directory as it goes: a trial that has ended is on disk before the next one of its
 * worker starts. An abort, a used-up budget or a provider that refuses everything ends it with what was finished, marked
 * `partial`. A resumed run repeats only the trials that did not end or that infrastructure ended.
 */
export async function executeRun(input: RunInput): Promise<Summary> {
  await using run = await openRun(input);
  const { trials, earlier, signal, onEvent } = input;
  if (earlier) onEvent({ type: 'resumed', ended: run.ended.size, of: trials.length });
  const endReason = await runTrials(run);
  if (trials.every(run.hasEnded) && !signal.aborted) await searchItems(run, executeRun);
  if (endReason !== undefined) onEvent({ type: 'ended_early', reason: endReason });
  return run.saved.now();
}
