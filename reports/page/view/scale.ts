import { compact, seconds } from '../../../harness/numbers.ts';
import type { Measure } from '../../../harness/results/codes.ts';

/** Places values on a logarithmic axis between two pixels. */
type LogScale = { at: (value: number) => number; low: number; high: number };

/** An axis that holds all values, with `room` of a power of ten on both sides. */
export function logScale(values: readonly number[], [from, to]: [number, number], room = 0): LogScale {
  const known = values.filter((value) => value > 0);
  const low = Math.log10(Math.min(...known)) - room;
  const high = Math.log10(Math.max(...known)) + room;
  const span = high - low || 1;
  const start = high === low ? (from + to) / 2 : from;
  return { at: (value) => start + ((Math.log10(value) - low) / span) * (to - from), low, high };
}

/** Values to mark: powers of ten, and 2 and 5 times them where the axis is short. */
export function ticksOf({ low, high }: LogScale): number[] {
  const steps = high - low > 1.6 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) {
    for (const step of steps) {
      const exponent = Math.log10(step) + power;
      if (exponent >= low - 1e-9 && exponent <= high + 1e-9) ticks.push(step * 10 ** power);
    }
  }
  return ticks;
}

/** A value as an axis has room for. */
export function tickText(value: number, by: Measure): string {
  if (by === 'latency') return seconds(value * 1000);
  if (by === 'tokens') return compact(value);
  if (value >= 1) return `$${compact(value)}`;
  return `$${value.toFixed(Math.max(2, -Math.floor(Math.log10(value) + 1e-9)))}`;
}
