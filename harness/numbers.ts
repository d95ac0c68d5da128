/** How numbers are written, wherever they stand: in a terminal, a report, a message. The same number reads the same everywhere. */

const formats = new Map<string, Intl.NumberFormat>();

/** To make a format takes a hundred times as long as to use it, so each is kept. */
function written(value: number, options: Intl.NumberFormatOptions): string {
  const key = Object.entries(options).join();
  const format = formats.get(key) ?? new Intl.NumberFormat('en-US', options);
  formats.set(key, format);
  return format.format(value);
}

/** A count, or the mean of several. */
export function number(value: number): string {
  return written(value, { maximumFractionDigits: 1 });
}

/** A count of things, one or several. */
export function counted(count: number, thing: string): string {
  return `${number(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** The same without a fraction, for means that are large. */
export function whole(value: number): string {
  return number(Math.round(value));
}

/** A figure of any kind as it was kept, for tables in which a small change must show. */
export function exact(value: number): string {
  return written(value, { maximumFractionDigits: 6 });
}

/** A number as an axis has room for: `12.5K`, `0.01`. */
export function compact(value: number): string {
  return written(value, { notation: 'compact', maximumSignificantDigits: 3 });
}

/** An amount in USD: three significant digits below a dollar, cents to a hundred, whole dollars above. */
export function usd(amount: number): string {
  const size = Math.abs(amount);
  const text = size === 0 || size >= 99.995 ? whole(size) : size >= 0.9995 ? fixed(size, 2) : digits(size);
  return `${amount < 0 ? '−' : ''}$${text}`;
}

/** An amount in USD as a limit or a price states it: cents only where it has some. */
export function dollars(amount: number): string {
  return Number.isInteger(amount) ? `$${whole(amount)}` : usd(amount);
}

/** Milliseconds, told as such below a tenth of a second, else in seconds, minutes or hours, with digits that tell something. */
export function seconds(ms: number): string {
  const size = Math.abs(ms) / 1000;
  if (ms !== 0 && size < 0.0995) return `${written(ms, { maximumSignificantDigits: 3 })} ms`;
  if (size < 0.995) return `${fixed(ms / 1000, 2)} s`;
  if (size < 9.95) return `${fixed(ms / 1000, 1)} s`;
  if (size < 119.5) return `${fixed(ms / 1000, 0)} s`;
  if (size < 7_199.5) {
    const all = Math.round(size);
    return `${ms < 0 ? '−' : ''}${Math.floor(all / 60)} min${all % 60 === 0 ? '' : ` ${all % 60} s`}`;
  }
  return `${fixed(ms / 3_600_000, 1)} h`;
}

/** Bytes, in steps of a thousand: `518 B`, `4.8 kB`, `48 kB`. */
export function bytes(count: number): string {
  if (count < 999.5) return `${whole(count)} B`;
  const [unit, size] = count < 999_500 ? ['kB', count / 1e3] : ['MB', count / 1e6];
  return `${fixed(size, size < 9.95 ? 1 : 0)} ${unit}`;
}

/** A share from 0 to 1. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A part of a whole, with as many digits as tell something. */
export function share(part: number): string {
  if (part !== 0 && Math.abs(part) < 0.001) return '< 0.1 %';
  if (part >= 0.9995 && part < 1) return '> 99.9 %';
  const isNearEdge = Math.abs(part) < 0.1 || (part > 0.99 && part < 1);
  return isNearEdge ? `${fixed(part * 100, 1)} %` : percent(part);
}

/** A change with its sign; `write` is how its size is written. */
export function signed(change: number, write: (size: number) => string): string {
  return `${change < 0 ? '−' : '+'}${write(Math.abs(change))}`;
}

/** How many times as much, with as many digits as tell it from 1. */
export function times(factor: number): string {
  return fixed(factor, factor < 1.195 ? 2 : factor < 9.95 ? 1 : 0);
}

/** An end of an interval of such factors: three significant digits, and no more before the point than there are. */
export function bound(factor: number): string {
  return factor >= 99.95
    ? written(factor, { maximumSignificantDigits: 3 })
    : factor === 0
      ? '0'
      : digits(factor);
}

/** One amount in units of another, which may be a small part of it. */
export function ratio(value: number): string {
  return value < 0.1
    ? written(value, { minimumSignificantDigits: 2, maximumSignificantDigits: 2 })
    : fixed(value, 2);
}

function digits(value: number): string {
  return written(value, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
}

function fixed(value: number, decimals: number): string {
  return written(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
