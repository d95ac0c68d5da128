import { ModelRequestError } from './anthropic-errors.ts';
import type { Model, ModelMiddleware } from './model.ts';
import {
  afterFailure,
  afterStart,
  afterSuccess,
  afterThrottle,
  mayStart,
  openWindow,
  type PaceOptions,
  type PaceWindow,
} from './pace-window.ts';
import { type Clock, systemClock } from './retry-clock.ts';

type Lane = { window: PaceWindow; waiting: (() => void)[]; cancelWake: () => void };

/** A pause longer than this would stop a whole run on the word of one header, in milliseconds. */
const longestBlockMs = 120_000;

/**
 * Limits requests in flight, with a limit of its own for every model id. All trials of a run share one. It goes around single
 * attempts, inside the retries, so that a waiting retry holds no place.
 */
export function createPacer(options: PaceOptions, clock: Clock = systemClock): ModelMiddleware {
  const lanes = new Map<string, Lane>();

  function laneOf(model: string): Lane {
    const lane = lanes.get(model) ?? { window: openWindow(options), waiting: [], cancelWake: () => {} };
    lanes.set(model, lane);
    return lane;
  }

  function admit(lane: Lane): void {
    lane.cancelWake();
    while (lane.waiting.length > 0 && mayStart(lane.window, clock.elapsed())) {
      lane.window = afterStart(lane.window);
      lane.waiting.shift()?.();
    }
    const pause = lane.window.blockedUntil - clock.elapsed();
    if (lane.waiting.length > 0 && pause > 0) lane.cancelWake = clock.after(pause, () => admit(lane));
  }

  function place(lane: Lane, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        lane.waiting.splice(lane.waiting.indexOf(enter), 1);
        if (lane.waiting.length === 0) lane.cancelWake();
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      lane.waiting.push(enter);
      admit(lane);
    });
  }

  return (next: Model): Model => ({
    id: next.id,
    get evidence() {
      return next.evidence;
    },
    close: () => next.close(),
    async respond(request, signal) {
      const lane = laneOf(request.model);
      await place(lane, signal);
      const startedAt = clock.elapsed();
      try {
        const response = await next.respond(request, signal);
        lane.window = afterSuccess(lane.window);
        return response;
      } catch (error) {
        const throttle = throttleOf(error);
        lane.window = throttle
          ? afterThrottle(lane.window, { now: clock.elapsed(), startedAt, askedMs: throttle.askedMs })
          : afterFailure(lane.window);
        throw error;
      } finally {
        admit(lane);
      }
    },
  });
}

function throttleOf(error: unknown): { askedMs: number | null } | null {
  if (!(error instanceof ModelRequestError)) return null;
  const { kind, retryAfterMs } = error.failure;
  if (kind !== 'rate_limit' && kind !== 'overloaded') return null;
  return { askedMs: retryAfterMs === null ? null : Math.min(retryAfterMs, longestBlockMs) };
}
