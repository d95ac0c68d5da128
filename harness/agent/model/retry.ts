import type { Model, ModelMiddleware } from '../../meter/model.ts';
import { answering } from '../../meter/model.ts';
import { type Failure, ModelRequestError } from './anthropic-errors.ts';
import { type Clock, sleep } from './retry-clock.ts';
import { type RetryPolicy, retryDelayMs } from './retry-delay.ts';

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

export type RetryOptions = {
  policy: RetryPolicy;
  clock: Clock;
  /** Uniform in [0, 1): seeded in tests, `Math.random` otherwise. */
  random: () => number;
  onRetry?: (event: RetryEvent) => void;
};

/**
 * Sends a request again when it failed for a passing reason, a bounded number of times. The last error says how many
 * attempts there were. An abort ends the pause at once.
 */
export function retrying(options: RetryOptions): ModelMiddleware {
  const { policy, clock, random, onRetry } = options;
  return (next: Model): Model =>
    answering(next, async (request, signal) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await next.respond(request, signal);
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
    });
}
