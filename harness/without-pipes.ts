import type { ChildProcess } from 'node:child_process';
import { InfrastructureError } from './errors.ts';

/**
 * Refuses a process that Node could not start because no more files can be opened: it then has no streams, and its error
 * would come later, where nothing listens. Throws an `InfrastructureError`.
 */
export function refuseWithoutPipes(child: Pick<ChildProcess, 'stdio' | 'once'>): void {
  // Typed as always there, and left unset in this one case.
  if (child.stdio as unknown) return;
  child.once('error', () => {
    // What is thrown here says the same.
  });
  throw new InfrastructureError(
    'No process can be started: patternbench has as many files open as it may (ulimit -n). Raise that limit, or lower --concurrency.',
  );
}
