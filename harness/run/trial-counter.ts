import { loadEstimate } from '../meter/estimate.ts';
import { countAlike, preferExact, type TokenCounter } from '../meter/token-counter.ts';
import { anyTrialDirName, trialDirNames } from '../scenario/servers.ts';
import type { RunInput } from './run-input.ts';

/** What counts the tokens of trials: exact counts before estimates, and names of trials' folders, which are random, alike. */
export async function openTrialCounter({
  model,
  exact,
}: Pick<RunInput, 'model' | 'exact'>): Promise<TokenCounter> {
  const estimate = await loadEstimate(model.tokenizer);
  return countAlike(exact ? preferExact(exact, estimate) : estimate, trialDirNames, anyTrialDirName);
}
