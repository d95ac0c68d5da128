import { compact, seconds } from '../../../harness/numbers.ts';
import type { Measure } from '../../../harness/results/codes.ts';
import type { VerdictPattern } from '../../../harness/results/verdict.ts';
import { type Content, html, type Markup } from '../../text/markup.ts';
import type { Advice, Side } from '../data.ts';

/** Classic is a circle, code a diamond, so that no colour is needed. Filled: use this one. */
export function mark(pattern: string, x: number, y: number, filled = true, radius = 6): Markup {
  const fill = filled ? 'full' : 'hollow';
  if (pattern !== 'code')
    return html`<circle class="m classic ${fill}" cx="${px(x)}" cy="${px(y)}" r="${radius}"/>`;
  const half = radius + 1.5;
  return html`<path class="m code ${fill}" d="M${px(x)} ${px(y - half)}l${half} ${half}l${-half} ${half}l${-half} ${-half}Z"/>`;
}

/** A pattern that gave no right answer is never a point on a line of answers. */
export function cross(x: number, y: number, half = 5): Markup {
  return html`<path class="cross" d="M${px(x - half)} ${px(y - half)}l${2 * half} ${2 * half}m0 ${-2 * half}l${-2 * half} ${2 * half}"/>`;
}

/** The mark of an advice, as large as a letter. */
export function glyph(advice: Advice | Side['pattern'], filled = true): Markup {
  const drawn: Record<string, Content> = {
    classic: mark('classic', 8, 8, filled, 5),
    code: mark('code', 8, 8, filled, 5),
    either: html`<path class="eq" d="M3 6H13M3 10H13"/>`,
    neither: html`<path class="cross" d="M4 4L12 12M12 4L4 12"/>`,
  };
  return html`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">${drawn[advice] ?? html`<path class="eq" d="M8 3.5V9M8 12.4V12.5"/>`}</svg>`;
}

export function tick(isRight: boolean): Markup {
  const path = isRight ? 'M3 8.5L6.5 12L13 4.5' : 'M4 4L12 12M12 4L4 12';
  return html`<svg class="glyph ${isRight ? 'ok' : 'bad'}" viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg>`;
}

/** An advice in the fewest words. */
export const adviceWords: Record<Advice, string> = {
  code: 'Use code',
  either: 'Either will do',
  classic: 'Use classic',
  neither: 'Use neither',
  insufficient: 'Not known',
  outstanding: 'Not run to its end',
};

/** The same in a table. */
export const adviceNames: Record<Advice, string> = {
  code: 'Code',
  either: 'Either',
  classic: 'Classic',
  neither: 'Neither',
  insufficient: 'Not known',
  outstanding: 'Outstanding',
};

/** The same inside a sentence. */
export function thenUse(advice: VerdictPattern): string {
  return {
    code: 'use code',
    classic: 'use classic',
    either: 'either',
    neither: 'neither',
    insufficient: 'not known',
  }[advice];
}

/** Whether a side was right: a word, or how often. */
export function rightWords({ right, trials, hypothetical }: Side): string {
  if (right === null) return 'not measured';
  if (trials === 1) return right === 1 ? 'right' : hypothetical ? 'no answer' : 'not right';
  return right === 1 ? `right, ${trials} of ${trials}` : `right, ${Math.round(right * trials)} of ${trials}`;
}

/** A tenth of a pixel is less than an eye sees, and keeps pages small. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The beginning of a text, where there is no room for all of it. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

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
