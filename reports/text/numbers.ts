/** A count, or the mean of several. */
export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** An amount in USD. */
export function usd(amount: number): string {
  return `$${amount.toFixed(amount < 1 ? 4 : 2)}`;
}

/** Milliseconds, told in seconds. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
}

/** A share from 0 to 1. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A part of a whole, with as many digits as tell something. */
export function share(part: number): string {
  if (part !== 0 && Math.abs(part) < 0.001) return '< 0.1 %';
  const isNearEdge = Math.abs(part) < 0.1 || (part > 0.99 && part < 1);
  return isNearEdge ? `${(part * 100).toFixed(1)} %` : percent(part);
}

/** A number as an axis has room for: `12.5K`, `0.01`. */
export function compact(value: number): string {
  return value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
}
