import { constants } from 'node:os';
import { killServers } from '../mcp/stdio-transport.ts';
import { killAllChildren } from '../sandbox/create.ts';

/** The signal that ended a run: its exit code is 128 + the signal's number, as shells expect. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work that a signal may interrupt: the first asks it to end with what it has, a second ends the process at once.
 * Either way no child process is left.
 */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ result: T; interruptedBy: number | undefined }> {
  const controller = new AbortController();
  let interruptedBy: number | undefined;
  const onSignal = (signal: (typeof signals)[number]) => {
    const exitCode = 128 + constants.signals[signal];
    if (interruptedBy !== undefined) {
      killEverything();
      process.exit(exitCode);
    }
    interruptedBy = exitCode;
    controller.abort(new Interrupted(signal));
    killEverything();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return { result: await work(controller.signal), interruptedBy };
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    killEverything();
  }
}

function killEverything(): void {
  killServers();
  killAllChildren();
}
