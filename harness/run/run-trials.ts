import { basename } from 'node:path';
import { type Trial, trialName } from '../plan/plan.ts';
import { journalKeyOf } from './journal.ts';
import { createBudget, RunEnded } from './limits.ts';
import type { OpenRun } from './open-run.ts';
import { createTurns, sharedServers } from './server-turns.ts';
import type { Result } from './summary.ts';
import { runTrial } from './trial.ts';
import { runWorkers } from './workers.ts';

/** A trial and its place in the plan, from 1. */
type NumberedTrial = { trial: Trial; number: number };

/**
 * Runs the trials that have not ended, several at a time where asked. Each is in the journal before the next one of its worker
 * starts. Gives the reason where a used-up budget or a provider that refuses everything ended them early.
 */
export async function runTrials(run: OpenRun): Promise<string | undefined> {
  const { input, saved, warn } = run;
  const { trials, mcpConfigFile, concurrency = 1 } = input;
  const turns = createTurns();
  let endReason: string | undefined;
  const takeTurn = async (numbered: NumberedTrial, signal: AbortSignal): Promise<void> => {
    const done = await turns(concurrency > 1 ? await sharedServers(numbered.trial, mcpConfigFile) : []);
    try {
      if (endReason === undefined && !signal.aborted) await runOne(run, numbered, signal);
    } catch (error) {
      if (!(error instanceof RunEnded)) throw error;
      endReason ??= error.message;
    } finally {
      done();
    }
  };
  saved.now();
  try {
    await runWorkers({
      items: trials
        .map((trial, index): NumberedTrial => ({ trial, number: index + 1 }))
        .filter(({ trial }) => !run.hasEnded(trial)),
      concurrency,
      signal: input.signal,
      work: takeTurn,
      isOver: () => endReason !== undefined,
    });
  } catch (error) {
    try {
      saved.now();
    } catch {
      // What ended the run is told; where the disk is full, the summary is the lesser loss.
    }
    throw error;
  } finally {
    // Also after a failure: what was recorded has been paid for, and must reach the disk.
    const unused = await input.models?.provider?.close(trials, run.hasEnded);
    for (const { file, exchanges, repeats } of unused ?? []) {
      warn(
        `${file} holds ${exchanges} recorded exchanges of repeats that this run does not have: ${repeats.join(', ')}.`,
      );
    }
  }
  return endReason;
}

/** Runs one trial and writes what it came to. Of one that ends the run, what it had cost is kept. */
async function runOne(run: OpenRun, { trial, number }: NumberedTrial, signal: AbortSignal): Promise<void> {
  const { input, budget, faults, journal } = run;
  const { trials, onEvent } = input;
  const of = trials.length;
  onEvent({ type: 'trial_started', number, of, trial });
  const spent = createBudget(undefined);
  const own = {
    ...budget,
    spend(usd: number | null) {
      spent.spend(usd);
      budget.spend(usd);
    },
  };
  let result: Result;
  try {
    result = await runTrial(trial, run.traceOf(trial), {
      ...input,
      ...run,
      models: { ...input.models, budget: own },
      run: basename(run.directory.path),
      fault: faults.get(trial),
      onMissingTool(fault) {
        for (const other of trials) {
          if (other.scenario === trial.scenario && other.params === trial.params) faults.set(other, fault);
        }
      },
      signal,
      onRoundTrip: (roundTrip, inputTokens) =>
        onEvent({ type: 'round_trip', number, roundTrip, inputTokens, spentUsd: budget.spentUsd() }),
    });
  } catch (error) {
    if (spent.spentUsd() !== 0) journal.abandoned(trialName(trial), spent.spentUsd());
    throw error;
  }
  journal.ended(trial.repeat, result);
  run.ended.set(journalKeyOf(trial), { repeat: trial.repeat, result });
  run.saved.soon();
  onEvent({ type: 'trial_ended', number, of, trial, result, spentUsd: budget.spentUsd() });
}
