/** Time as the model layer needs it; injected so that tests wait for nothing. All values in milliseconds. */
export type Clock = {
  /** Wall clock since the epoch. Only for dates that a server names: it jumps when the machine's clock is set. */
  now(): number;
  /** Monotonic time since an arbitrary start. For durations. */
  elapsed(): number;
  /** Calls back once, `ms` from now. Returns a function that cancels the call. */
  after(ms: number, callback: () => void): () => void;
};

/** `setTimeout` fires at once for anything longer. */
const longestTimer = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, longestTimer));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
