import { answering, type Model, type ModelMiddleware } from '../../meter/model.ts';
import { type Failure, ModelRequestError } from './anthropic-exchange.ts';

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

/** How often and how patiently a failed request is sent again. All times in milliseconds. */
export type RetryPolicy = {
  /** Attempts after the first one. */
  maxRetries: number;
  /** The first pause; each later one is twice as long. */
  baseMs: number;
  /** The longest pause that we choose ourselves. */
  maxMs: number;
  /** The longest pause that a server can ask for. */
  maxAskedMs: number;
};

/** The policy of live runs: about a minute in all before a trial gives up. */
export const defaultRetryPolicy: RetryPolicy = {
  maxRetries: 6,
  baseMs: 1_000,
  maxMs: 30_000,
  maxAskedMs: 120_000,
};

/**
 * The pause before the next attempt: exponential with "equal jitter", between half and all of the step. What a server asked for is
 * never undercut (up to the cap) and stretched by up to a tenth, so that trials that were refused together do not return together.
 * Where it asks for little again and again, many share its limit: the steps then keep trials from giving up within seconds.
 */
export function retryDelayMs(
  failures: number,
  askedMs: number | null,
  policy: RetryPolicy,
  random: () => number,
): number {
  const asked = Math.min(askedMs ?? 0, policy.maxAskedMs) * (1 + random() / 10);
  const step = Math.min(policy.maxMs, policy.baseMs * 2 ** (failures - 1));
  return Math.round(Math.max(asked, step * (0.5 + random() / 2)));
}

/** One attempt that failed and is made again. It never counts as usage; what it may have cost is in `failure.usage`. */
export type RetryEvent = {
  /** The failed attempt, counted from 1. */
  attempt: number;
  /** The pause before the next attempt, in milliseconds. */
  delayMs: number;
  /** What happened, without credentials. */
  reason: string;
  failure: Failure;
};

type RetryOptions = {
  policy: RetryPolicy;
  clock: Clock;
  /** Uniform in [0, 1): seeded in tests, `Math.random` otherwise. */
  random: () => number;
  onRetry?: (event: RetryEvent) => void;
};

/**
 * Asks again when a request failed for a passing reason, a bounded number of times. The last error says how many attempts
 * there were. An abort ends the pause at once.
 */
export async function askPatiently<T>(
  options: RetryOptions,
  ask: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { policy, clock, random, onRetry } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ModelRequestError)) throw error;
      if (!error.failure.retryable) throw error;
      if (attempt > policy.maxRetries) {
        error.message += ` Gave up after ${attempt} attempts.`;
        throw error;
      }
      const delayMs = retryDelayMs(attempt, error.failure.retryAfterMs, policy, random);
      onRetry?.({ attempt, delayMs, reason: error.message, failure: error.failure });
      await sleep(clock, delayMs, signal);
    }
  }
}

/** The same for a model's requests. */
export function retrying(options: RetryOptions): ModelMiddleware {
  return (next: Model): Model =>
    answering(next, (request, signal) => askPatiently(options, () => next.respond(request, signal), signal));
}
