import type { Clock } from '../../agent/model/retry.ts';

/** A clock that moves only when it is told to. */
type ManualClock = Clock & {
  /** Moves on by `ms`, calling back everything that falls due, in order. */
  advance(ms: number): Promise<void>;
};

/** A manual clock; wall clock and monotonic clock move together. `wallStart` is in milliseconds since the epoch. */
export function createManualClock(wallStart = 0): ManualClock {
  let elapsed = 0;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => wallStart + elapsed,
    elapsed: () => elapsed,
    after(ms, callback) {
      const timer = { at: elapsed + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const end = elapsed + ms;
      for (;;) {
        // Lets what was resolved so far run, and set its timers.
        await new Promise((resolve) => setImmediate(resolve));
        const [due] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!due) break;
        timers = timers.filter((other) => other !== due);
        elapsed = Math.max(elapsed, due.at);
        due.callback();
      }
      elapsed = end;
    },
  };
}
