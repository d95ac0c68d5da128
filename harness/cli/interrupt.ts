import { killAllChildren } from '../sandbox/create.ts';
import { killServers } from '../tools/mcp/stdio-transport.ts';
import type { Io } from './io.ts';

/** What ended a run from outside. */
class Interrupted extends Error {
  override name = 'Interrupted';
}

/**
 * Runs work that what guards the process may interrupt; `interruptedBy` is then the exit code. An interrupt kills every
 * child of this process. Work that ends by itself closes what it opened, and only that: others may be at work beside it.
 */
export async function untilInterrupted<T>(
  { guard }: Io,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ result: T; interruptedBy: number | undefined }> {
  const controller = new AbortController();
  let interruptedBy: number | undefined;
  const stop = (exitCode: number, why: string) => {
    interruptedBy ??= exitCode;
    controller.abort(new Interrupted(why));
    killEverything();
  };
  const endGuard = guard?.({ stop, kill: killEverything });
  try {
    return { result: await work(controller.signal), interruptedBy };
  } finally {
    endGuard?.();
  }
}

function killEverything(): void {
  killServers();
  killAllChildren();
}
