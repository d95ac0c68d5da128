import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
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
  throw tooManyOpen('No process can be started');
}

/** An event loop of libuv opens fewer: epoll, a pipe or eventfd for wake-ups, and its signal pipe. */
const neededByLoop = 8;

/**
 * Refuses work for which Node opens an event loop of its own while too few files can be opened: Node aborts where that
 * loop fails. Throws an `InfrastructureError`.
 */
export function refuseWithoutDescriptors(open = () => openSync(devNull, 'r')): void {
  const opened: number[] = [];
  try {
    while (opened.length < neededByLoop) opened.push(open());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EMFILE' && code !== 'ENFILE') throw error;
    throw tooManyOpen('No schema can be checked');
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

function tooManyOpen(what: string): InfrastructureError {
  return new InfrastructureError(
    `${what}: patternbench has as many files open as it may (ulimit -n). Raise that limit, or lower limits.concurrency.`,
  );
}
