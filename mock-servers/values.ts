/** Writes the ids of one kind of rows, counted from 1: `idForm('con_', 6)(123)` is con_000123. They sort by number. */
export function idForm(prefix: string, digits: number): (number: number) => string {
  return (number) => `${prefix}${String(number).padStart(digits, '0')}`;
}

/** Whole cents of an amount with at most two decimals; sums are made in cents, where addition is exact. */
export function toCents(amount: number): number {
  return Math.round(amount * 100);
}

/** The amount, with at most two decimals, of whole cents. */
export function fromCents(cents: number): number {
  return cents / 100;
}

/** The present of all servers, in which no clock runs: nothing seeded is later, and every write happens at it. */
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

/** The text with its first letter as a capital. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
