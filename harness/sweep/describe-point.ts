import type { SweepPoint } from './sweep-schema.ts';

/** What each variant cost at a point, on one line. */
export function describeCosts({ results }: SweepPoint): string {
  return results
    .map(
      ({ variant, costUsd, fits }) =>
        `${variant} ${costUsd ? `$${costUsd.cached.toFixed(4)}` : 'unpriced'}${fits ? '' : ' (does not fit)'}`,
    )
    .join(', ');
}
