import { setTimeout } from 'node:timers/promises';
import { answering, type Model, type ModelMiddleware } from '../../meter/model.ts';
import { type Failure, ModelRequestError } from './anthropic-exchange.ts';

/** Attempts of live runs after the first one: about a minute in all before a trial gives up. */
const defaultRetries = 6;

/** The first pause in milliseconds; each later one is twice as long, up to the longest that we choose ourselves. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** The longest pause that a server can ask for. */
const longestAskedMs = 120_000;

/**
 * The pause before the next attempt: exponential with "equal jitter", between half and all of the step. What a server asked for is
 * never undercut (up to the cap) and stretched by up to a tenth, so that trials that were refused together do not return together.
 * Where it asks for little again and again, many share its limit: the steps then keep trials from giving up within seconds.
 */
export function retryDelayMs(failures: number, askedMs: number | null, random: () => number): number {
  const asked = Math.min(askedMs ?? 0, longestAskedMs) * (1 + random() / 10);
  const step = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
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

export type RetryOptions = {
  /** Attempts after the first one. */
  maxRetries?: number | undefined;
  /** Called for each attempt that is made again. */
  onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Injected so that tests wait for nothing. */
  wait?: typeof sleep;
};

/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/**
 * Asks again when a request failed for a passing reason, a bounded number of times. The last error says how many attempts
 * there were. An abort ends the pause at once.
 */
export async function askPatiently<T>(
  { maxRetries = defaultRetries, onRetry, wait = sleep }: RetryOptions,
  ask: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ModelRequestError && error.failure.retryable)) throw error;
      if (attempt > maxRetries) {
        error.message += ` Gave up after ${attempt} attempts.`;
        throw error;
      }
      const delayMs = retryDelayMs(attempt, error.failure.retryAfterMs, Math.random);
      onRetry?.({ attempt, delayMs, reason: error.message, failure: error.failure });
      await wait(delayMs, signal);
    }
  }
}

/** The same for a model's requests. */
export function retrying(options: RetryOptions): ModelMiddleware {
  return (next: Model): Model =>
    answering(next, (request, signal) => askPatiently(options, () => next.respond(request, signal), signal));
}
