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

/** Creates a pool that keeps `warm` children ready once it has been used. */
export function createPool(warm: number, start: () => Child): Pool {
  const idle: Child[] = [];
  const all = new Set<Child>();
  let closed = false;

  function track(child: Child): Child {
    all.add(child);
    child.exited.then(() => {
      all.delete(child);
      const at = idle.indexOf(child);
      if (at >= 0) idle.splice(at, 1);
    });
    return child;
  }

  return {
    async acquire() {
      if (closed) throw new Error('The sandbox is closed.');
      const child = idle.shift() ?? track(start());
      const ready = await child.awaitReady();
      if (ready.ok) return child;
      child.kill();
      throw new Error(`A sandbox process could not start: ${ready.error}`);
    },
    replenish() {
      while (!closed && idle.length < warm) idle.push(track(start()));
    },
    add(child) {
      idle.push(track(child));
    },
    async close() {
      closed = true;
      await Promise.all([...all].map((child) => child.end()));
    },
  };
}
