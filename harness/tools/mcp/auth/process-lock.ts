import { setTimeout as delay } from 'node:timers/promises';
import { InfrastructureError, messageOf } from '../../../errors.ts';

/** Milliseconds between two looks at a lock that another process holds. */
const pauseMs = 20;

/** SQLite's code for a database that another connection has locked. */
const busy = 5;

/**
 * Does work while no other process does any under the same file. The lock is SQLite's on an empty database: the system
 * releases it when its process dies, so that none is ever left behind. Rejects with an `InfrastructureError` after
 * `patienceMs` of waiting.
 */
export async function withProcessLock<T>(
  file: string,
  work: () => Promise<T>,
  { patienceMs = 90_000 } = {},
): Promise<T> {
  // Loaded only here: most runs have no login.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  const giveUpAt = performance.now() + patienceMs;
  try {
    for (;;) {
      try {
        database.exec('BEGIN IMMEDIATE');
        break;
      } catch (error) {
        if ((error as { errcode?: number }).errcode !== busy)
          throw new InfrastructureError(`${file} cannot be locked: ${messageOf(error)}`, { cause: error });
        if (performance.now() > giveUpAt)
          throw new InfrastructureError(
            `Another process has held ${file} for ${patienceMs / 1000} seconds. Wait for it, or end it.`,
          );
        await delay(pauseMs);
      }
    }
    return await work();
  } finally {
    database.close();
  }
}
