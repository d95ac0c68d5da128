/** The wall clock of one program, which can be stopped: what passes meanwhile is not the program's time. */
export type WallClock = {
  /** Lets it run; nothing changes where it does. */
  start(): void;
  stop(): void;
  /** Milliseconds that it ran. */
  spentMs(): number;
  /** Milliseconds until the limit. */
  leftMs(): number;
  /** Whether it keeps this process alive while it runs; at first it does not. */
  hold(isHeld: boolean): void;
};

/** Calls `onLimit` once the clock ran for so many milliseconds in all; never where there is nothing to call. */
export function createWallClock(limitMs: number, onLimit: (() => void) | undefined): WallClock {
  let spent = 0;
  let since: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isHeld = false;
  const spentMs = () => spent + (since === undefined ? 0 : performance.now() - since);
  const leftMs = () => Math.max(0, limitMs - spentMs());
  return {
    spentMs,
    leftMs,
    start() {
      if (since !== undefined) return;
      since = performance.now();
      if (onLimit === undefined) return;
      timer = setTimeout(onLimit, leftMs());
      if (!isHeld) timer.unref();
    },
    stop() {
      spent = spentMs();
      since = undefined;
      clearTimeout(timer);
      timer = undefined;
    },
    hold(held) {
      isHeld = held;
      if (held) timer?.ref();
      else timer?.unref();
    },
  };
}
