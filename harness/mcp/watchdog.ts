import { type Context, createContext, Script } from 'node:vm';
import { refuseWithoutDescriptors } from '../without-pipes.ts';

/** Work took longer than it may. */
export class TookTooLong extends Error {
  override name = 'TookTooLong';
}

let context: Context | undefined;
const script = new Script('work()');

/**
 * Runs synchronous work and stops it after so many milliseconds, a regular expression in the middle of its backtracking
 * included. The watching costs about a quarter of a millisecond.
 * @throws TookTooLong
 * @throws InfrastructureError where too few files can be opened for the watching
 */
export function withinMs<T>(ms: number, work: () => T): T {
  refuseWithoutDescriptors();
  context ??= createContext(Object.create(null));
  context.work = work;
  try {
    return script.runInContext(context, { timeout: ms }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new TookTooLong(`It took longer than ${ms} ms.`);
    }
    throw error;
  } finally {
    context.work = undefined;
  }
}
