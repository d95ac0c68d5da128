/** What is to be done, by how many at a time. */
export type Workload<T> = {
  items: readonly T[];
  concurrency: number;
  /** Aborts what is under way; nothing more is begun. */
  signal: AbortSignal;
  /** Given a signal that is also aborted when another item has failed. */
  work: (item: T, signal: AbortSignal) => Promise<void>;
  /** Where true, nothing more is begun and what is under way may finish. */
  isOver?: () => boolean;
};

/**
 * Works through items, several at a time. After a failure the others are aborted, so that none runs on for hours for a run
 * that has failed already. Settles only when all have ended; rejects with the first failure, never for an abort from outside.
 */
export async function runWorkers<T>(workload: Workload<T>): Promise<void> {
  const { items, concurrency, work, isOver = () => false } = workload;
  const failing = new AbortController();
  const signal = AbortSignal.any([workload.signal, failing.signal]);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && !signal.aborted && !isOver()) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item, signal);
      } catch (error) {
        if (!signal.aborted) failing.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  failing.signal.throwIfAborted();
}
