import { loadEstimate } from '../meter/estimate.ts';
import { countAlike, preferExact, type TokenCounter } from '../meter/token-counter.ts';
import { anyTrialDirName, trialDirNames } from '../scenario/servers.ts';
import type { RunInput } from './run-input.ts';

/** By what it counts with: the searches of a run count what the run has counted. */
const opened = new WeakMap<object, TokenCounter>();

/** What counts the tokens of trials: exact counts before estimates, and names of trials' folders, which are random, alike. */
export async function openTrialCounter({
  model,
  exact,
}: Pick<RunInput, 'model' | 'exact'>): Promise<TokenCounter> {
  const estimate = await loadEstimate(model.tokenizer);
  const known = opened.get(exact ?? estimate);
  if (known) return known;
  const counter = exact ? preferExact(exact, estimate) : estimate;
  const made = countAlike(counter, trialDirNames, anyTrialDirName);
  opened.set(exact ?? estimate, made);
  return made;
}
