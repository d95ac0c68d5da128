/** A job that is done now and then, and whenever it must be. */
export type Paced<T> = {
  /** Does it within `everyMs`: at once where that long ago it was done last. */
  soon: () => void;
  /** Does it at once. */
  now: () => T;
  /** Forgets what was to be done soon. */
  stop: () => void;
};

/**
 * Does a job that costs time at most once in `everyMs`, however often it is asked for, and never later than that. What it throws
 * where nothing waits for it is lost: whoever needs the job done does it `now` in the end.
 */
export function pace<T>(job: () => T, everyMs: number): Paced<T> {
  let timer: NodeJS.Timeout | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const now = () => {
    stop();
    const done = job();
    last = performance.now();
    return done;
  };
  const later = () => {
    try {
      now();
    } catch {
      // It is tried again, by someone who hears of it.
    }
  };
  const soon = () => {
    const wait = last + everyMs - performance.now();
    if (wait <= 0) now();
    // What is written soon is no reason to keep a process that has nothing else to do.
    else timer ??= setTimeout(later, wait).unref();
  };
  return { soon, now, stop };
}
