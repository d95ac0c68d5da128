/** A count, or the mean of several. */
export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** The same without a fraction, for means that are large. */
export function whole(value: number): string {
  return number(Math.round(value));
}

/** A figure of any kind as it was kept, for tables in which a small change must show. */
export function exact(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** A number as an axis has room for: `12.5K`, `0.01`. */
export function compact(value: number): string {
  return value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
}

/**
 * An amount in USD, wherever it stands: cents from a dollar on, four decimals below, and two significant digits where four
 * decimals would say less.
 */
export function usd(amount: number): string {
  const size = Math.abs(amount);
  const digits = size === 0 ? 0 : size < 1 ? 4 : 2;
  const text =
    size > 0 && size < 0.001
      ? size.toLocaleString('en-US', { minimumSignificantDigits: 2, maximumSignificantDigits: 2 })
      : fixed(size, digits);
  return `${amount < 0 ? '−' : ''}$${text}`;
}

/** Milliseconds, told in seconds: a decimal from one second on, two below. */
export function seconds(ms: number): string {
  return `${fixed(ms / 1000, Math.abs(ms) < 1000 ? 2 : 1)} s`;
}

/** A share from 0 to 1. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A part of a whole, with as many digits as tell something. */
export function share(part: number): string {
  if (part !== 0 && Math.abs(part) < 0.001) return '< 0.1 %';
  const isNearEdge = Math.abs(part) < 0.1 || (part > 0.99 && part < 1);
  return isNearEdge ? `${fixed(part * 100, 1)} %` : percent(part);
}

/** A change with its sign; `write` is how its size is written. */
export function signed(change: number, write: (size: number) => string): string {
  return `${change < 0 ? '−' : '+'}${write(Math.abs(change))}`;
}

/** How many times as much, with as many digits as tell it from 1. */
export function times(factor: number): string {
  return fixed(factor, factor < 1.2 ? 2 : factor < 9.95 ? 1 : 0);
}

/** An end of an interval of such factors. */
export function bound(factor: number): string {
  return factor.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** One amount in units of another, which may be a small part of it. */
export function ratio(value: number): string {
  return value < 0.1
    ? value.toLocaleString('en-US', { minimumSignificantDigits: 2, maximumSignificantDigits: 2 })
    : fixed(value, 2);
}

function fixed(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Seconds as a reader takes them in: a decimal under ten, then seconds, minutes and hours. */
export function duration(given: number): string {
  if (given < 9.95) return `${fixed(given, 1)} s`;
  const whole = Math.round(given);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${fixed(given / 3600, 1)} h`;
}

/** A size: bytes under a thousand, then kB and MB. */
export function bytes(count: number): string {
  if (count < 1000) return `${whole(count)} B`;
  const [size, unit] = count < 999_500 ? [count / 1000, 'kB'] : [count / 1e6, 'MB'];
  return `${fixed(size, size < 9.95 ? 1 : 0)} ${unit}`;
}
