/**
 * Something outside the model's control failed: a server, a connection, the disk. It ends the trial as
 * `infrastructure_error`, is never counted as a wrong answer, and makes the command exit with 3.
 */
export class InfrastructureError extends Error {
  override name = 'InfrastructureError';
}

/**
 * The user asked for something that cannot be: an unknown name, a value out of range, a file that does not parse.
 * The message says what, where, and what to do; it is shown without a stack and makes the command exit with 2.
 */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * What was checked is not what it must be: an audit log that was changed, a server that is not the one that was pinned.
 * The message says what differs and what to do; it makes the command exit with 1.
 */
export class VerificationError extends Error {
  override name = 'VerificationError';
}

/** What an error says, or the text of another thing that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What work of the system gives. Its failure is thrown as an error of this kind: `what` cannot be done, and why. */
export function explainFailure<T>(
  Refused: typeof UsageError | typeof InfrastructureError,
  what: string,
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    throw new Refused(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** What a promise comes to, or the reason of an abort where that comes first: not all work heeds its signal. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What code that others wrote threw, in words. Never throws itself, even if reading the value does. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `${thrown} (not an Error)`;
  } catch {
    return 'a value that cannot be read';
  }
}

/** The stack of what was thrown, empty where it has none or cannot be read. */
export function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack ?? '') : '';
  } catch {
    return '';
  }
}
