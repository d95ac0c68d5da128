/** The present of the account, in which no clock runs: nothing seeded is later, and every write happens at it. */
export const NOW = '2026-06-30T12:00:00Z';

export const NOW_MS = Date.parse(NOW);
export const DAY_MS = 86_400_000;

/** The time stamp of a time in milliseconds since 1970, in UTC, to the second. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The date of a time in milliseconds since 1970, in UTC, such as 2026-06-30. */
export function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
