import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UsageError } from '../../harness/errors.ts';
import { lockRun, type RunLock } from '../../harness/run/run-directory.ts';

/**
 * One of the processes that want to write a run directory: `fork(lock-worker.ts, [directory])`. On `{ at }` it tries to lock
 * it at that moment (epoch milliseconds); on `{ release }` it lets go. A file that only one can make tells of a second writer.
 */
const directory = process.argv[2] ?? '';
const witness = join(directory, 'writing');
let lock: RunLock | undefined;

process.on('message', (message: { at?: number; release?: true }) => {
  if (message.at !== undefined) process.send?.(tryAt(message.at));
  if (message.release) {
    if (lock) rmSync(witness, { force: true });
    lock?.release();
    lock = undefined;
    process.send?.({ released: true });
  }
});
process.send?.({ ready: true });

function tryAt(at: number): { won: boolean; second: boolean; said: string } {
  // Timers are too coarse to let several processes meet.
  while (Date.now() < at);
  try {
    lock = lockRun(directory);
  } catch (error) {
    const said = messageOf(error);
    return {
      won: false,
      second: false,
      said: error instanceof UsageError ? said : `not a usage error: ${said}`,
    };
  }
  try {
    closeSync(openSync(witness, 'wx'));
    return { won: true, second: false, said: '' };
  } catch {
    return { won: true, second: true, said: '' };
  }
}
