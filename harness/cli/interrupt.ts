import { constants } from 'node:os';
import { killServers } from '../mcp/stdio-transport.ts';
import { killAllChildren } from '../sandbox/create.ts';
import { allowExit, guardWork } from './guard.ts';

/** What ended a run from outside. A signal's exit code is 128 + its number, as shells expect. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work that a signal may interrupt: the first asks it to end with what it has, a second ends the process at once. What
 * a scenario's code throws where nobody can catch it does as the first signal does, with exit code 3. Either kills every
 * child of this process. Work that ends by itself closes what it opened, and only that: others may be at work beside it.
 */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ result: T; interruptedBy: number | undefined }> {
  const controller = new AbortController();
  let interruptedBy: number | undefined;
  const stop = (exitCode: number, why: string) => {
    interruptedBy = exitCode;
    controller.abort(new Interrupted(why));
    killEverything();
  };
  const onSignal = (signal: (typeof signals)[number]) => {
    const exitCode = 128 + constants.signals[signal];
    if (interruptedBy === undefined) return stop(exitCode, signal);
    killEverything();
    allowExit();
    process.exit(exitCode);
  };
  const endGuard = guardWork({ stop: () => stop(3, 'uncaught fault'), kill: killEverything });
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return { result: await work(controller.signal), interruptedBy };
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    endGuard();
  }
}

function killEverything(): void {
  killServers();
  killAllChildren();
}
