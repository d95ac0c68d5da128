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

type Headers = { get(name: string): string | null };

// IMF-fixdate (RFC 9110, 5.6.7). `Date.parse` alone accepts almost anything: "soon 5" is May 2001 to it.
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const decimal = /^\d{1,9}(\.\d+)?$/;

/**
 * The pause in milliseconds that a response asks for: `retry-after-ms`, or `retry-after` in seconds or as an HTTP date.
 * Null when there is no header or it is neither; a date in the past is 0. `now` is wall-clock milliseconds.
 */
export function parseRetryAfter(headers: Headers, now: number): number | null {
  const milliseconds = headers.get('retry-after-ms')?.trim();
  if (milliseconds && decimal.test(milliseconds)) return Number(milliseconds);
  const value = headers.get('retry-after')?.trim();
  if (!value) return null;
  if (decimal.test(value)) return Number(value) * 1_000;
  if (!httpDate.test(value)) return null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/**
 * The pause before the next attempt. What a server asked for is never undercut (up to the cap) and stretched by up to a
 * tenth, so that trials that were refused together do not return together. Without it, exponential with "equal jitter":
 * between half and all of the step.
 */
export function retryDelayMs(
  failures: number,
  askedMs: number | null,
  policy: RetryPolicy,
  random: () => number,
): number {
  if (askedMs !== null) return Math.round(Math.min(askedMs, policy.maxAskedMs) * (1 + random() / 10));
  const step = Math.min(policy.maxMs, policy.baseMs * 2 ** (failures - 1));
  return Math.round(step * (0.5 + random() / 2));
}
