import { InfrastructureError } from '../errors.ts';
import type { Child } from './process.ts';

/** Children that were started ahead of need. Each is handed out once. */
export type Pool = {
  /** A child that is ready, or the reason why none can be had as a rejection. */
  acquire(): Promise<Child>;
  /** Starts what is missing from the warm ones, in the background. */
  replenish(): void;
  /** Puts a child into the pool that was started elsewhere. */
  add(child: Child): void;
  close(): Promise<void>;
};

/** Creates a pool that keeps `warm` children ready once asked to; `ahead` says that a child is not needed at once. */
export function createPool(warm: number, start: (ahead: boolean) => Child): Pool {
  const idle: Child[] = [];
  const all = new Set<Child>();
  let closed = false;
  let starting = false;

  function track(child: Child): Child {
    all.add(child);
    child.exited.then(() => {
      all.delete(child);
      const at = idle.indexOf(child);
      if (at >= 0) idle.splice(at, 1);
    });
    return child;
  }

  const self: Pool = {
    async acquire() {
      if (closed) throw new Error('The sandbox is closed.');
      // What was started ahead of need may have failed for want of something that is there now: once more, in earnest.
      const warmed = idle.shift();
      if (warmed !== undefined && (await warmed.awaitReady()).ok) return warmed;
      const child = track(start(false));
      const ready = await child.awaitReady();
      if (ready.ok) return child;
      throw new InfrastructureError(`A sandbox process could not start: ${ready.error}.`);
    },
    replenish() {
      if (closed || starting || idle.length >= warm) return;
      try {
        const child = track(start(true));
        idle.push(child);
        // One at a time: what is started for later should not slow down what runs now.
        starting = true;
        child.ready.then(({ ok }) => {
          starting = false;
          if (ok) self.replenish();
        });
      } catch {
        // Whoever needs a child next starts one, and is told why it cannot be had.
      }
    },
    add(child) {
      idle.push(track(child));
    },
    async close() {
      closed = true;
      await Promise.all([...all].map((child) => child.end()));
    },
  };
  return self;
}
