/** Limits of the number of requests in flight to one model. */
export type PaceOptions = {
  /** Requests in flight at the beginning. */
  initial: number;
  /** Never more than this. */
  max: number;
};

/** How many requests to one model may be in flight, and until when none may start. Times are monotonic milliseconds. */
export type PaceWindow = {
  readonly limit: number;
  readonly max: number;
  readonly inFlight: number;
  /** Still doubling: nothing has been refused yet. */
  readonly slowStart: boolean;
  /** No request starts before this time. */
  readonly blockedUntil: number;
  /** When the limit was last lowered. */
  readonly loweredAt: number;
};

/** The window of a model that has not been asked yet. */
export function openWindow({ initial, max }: PaceOptions): PaceWindow {
  if (!(initial >= 1 && max >= initial)) {
    throw new RangeError(
      `Concurrency must start at 1 or more and not above its maximum: ${initial}, ${max}.`,
    );
  }
  return {
    limit: initial,
    max,
    inFlight: 0,
    slowStart: true,
    blockedUntil: -Infinity,
    loweredAt: -Infinity,
  };
}

/** Whether one more request may start now. */
export function mayStart(window: PaceWindow, now: number): boolean {
  return now >= window.blockedUntil && window.inFlight < Math.floor(window.limit);
}

/** One request started. */
export function afterStart(window: PaceWindow): PaceWindow {
  return { ...window, inFlight: window.inFlight + 1 };
}

/**
 * One request succeeded. The limit rises as TCP's window does (RFC 5681): by one per success in slow start, by one per
 * round of successes afterwards. It rises only while it is what holds requests back; otherwise success says nothing.
 */
export function afterSuccess(window: PaceWindow): PaceWindow {
  const wasFull = window.inFlight >= Math.floor(window.limit);
  const step = window.slowStart ? 1 : 1 / window.limit;
  const limit = wasFull ? Math.min(window.max, window.limit + step) : window.limit;
  return { ...window, limit, inFlight: window.inFlight - 1 };
}

/** One request failed for a reason that says nothing about the rate. */
export function afterFailure(window: PaceWindow): PaceWindow {
  return { ...window, inFlight: window.inFlight - 1 };
}

/**
 * One request was refused for its rate. The limit is halved, once for all requests that were in flight together: they all
 * met the same full limit. `askedMs` is the pause the server asked for, null if it did not say.
 */
export function afterThrottle(
  window: PaceWindow,
  { now, startedAt, askedMs }: { now: number; startedAt: number; askedMs: number | null },
): PaceWindow {
  const blockedUntil = askedMs === null ? window.blockedUntil : Math.max(window.blockedUntil, now + askedMs);
  const inFlight = window.inFlight - 1;
  if (startedAt <= window.loweredAt) return { ...window, inFlight, blockedUntil };
  const limit = Math.max(1, Math.floor(window.limit / 2));
  return { ...window, limit, inFlight, slowStart: false, blockedUntil, loweredAt: now };
}
