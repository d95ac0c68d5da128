import { trialDirReference } from '../scenario/trial-directory.ts';

/** What to do where trials do not find the same state. */
export const sameState = `Each trial must start from the same state: keep it in ${trialDirReference}, prepare it in setup, or reset the server. Fields that may differ go into volatile.`;
