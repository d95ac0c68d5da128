import type { Summary } from '../results/summary.ts';
import { searchItems } from './item-search.ts';
import { type OpenRun, openRun, type RunInput } from './open-run.ts';
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

/**
 * Executes a scripted plan once and bills it as several models, each into a run directory of its own, with the first one's calls in
 * the first one's audit log. Trials whose requests do not fit one of the windows are played for each model. `inputs` are the same
 * but for model, counter and `out`.
 */
export async function executeRunAs(inputs: readonly RunInput[]): Promise<Summary[]> {
  const [first, ...others] = inputs;
  if (!first) return [];
  await using run = await openRun(first);
  await using opened = new AsyncDisposableStack();
  const further: OpenRun[] = [];
  for (const other of others) {
    // What happens in the trials is told by the run that plays them.
    const onEvent: RunInput['onEvent'] = (event) => event.type === 'warning' && other.onEvent(event);
    const shared = { sandbox: run.sandbox, playedAs: first.model.id, onEvent };
    further.push(opened.use(await openRun({ ...other, ...shared })));
  }
  const endReason = await runTrials(run, further);
  if (endReason !== undefined) first.onEvent({ type: 'ended_early', reason: endReason });
  return [run, ...further].map(({ saved }) => saved.now());
}
