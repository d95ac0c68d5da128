import type { Measure } from '../verdict/verdict-schema.ts';
import type { Axis } from './axis.ts';
import type { BreakEven, PointResult, Sweep, SweepPoint } from './sweep-schema.ts';

type Compared = Sweep['compared'];
type Setting = { by: Measure; caching: boolean };

/** What a variant takes at a point; null where it has no price. */
export function valueAt(result: PointResult, { by, caching }: Setting): number | null {
  if (by === 'tokens') return result.tokens.billed;
  if (by === 'latency') return result.modelledSeconds;
  return (caching ? result.costUsd?.cached : result.costUsd?.uncached) ?? null;
}

/** Code to classic at a point: below 1, code takes less. Null where one of them has no value. */
export function ratioAt(point: SweepPoint, compared: Compared, setting: Setting): number | null {
  const [classic, code] = [compared.classic, compared.code].map((name) => {
    const result = point.results.find(({ variant }) => variant === name);
    return result ? valueAt(result, setting) : null;
  });
  return classic && code ? code / classic : null;
}

/**
 * Where the ratio of code to classic crosses 1 along an axis: between neighbouring points on both sides of it, at the place
 * that a straight line through their logarithms (ln ratio over ln size) gives.
 */
export function findBreakEvens(
  points: readonly SweepPoint[],
  axis: Pick<Axis, 'name'>,
  compared: Compared,
  setting: Setting,
): BreakEven[] {
  const known = points
    .flatMap((point) => {
      const ratio = ratioAt(point, compared, setting);
      return ratio === null || ratio <= 0
        ? []
        : [{ size: Number(point.params[axis.name]), log: Math.log(ratio) }];
    })
    .sort((a, b) => a.size - b.size);
  return known.slice(1).flatMap((right, index): BreakEven[] => {
    const left = known[index];
    if (!left || Math.sign(left.log) === Math.sign(right.log)) return [];
    const share = left.log / (left.log - right.log);
    const at = Math.exp(Math.log(left.size) + share * (Math.log(right.size) - Math.log(left.size)));
    return [
      {
        caching: setting.caching,
        axis: axis.name,
        between: [left.size, right.size],
        at: Number(at.toPrecision(3)),
        above: right.log < left.log ? 'code' : 'classic',
      },
    ];
  });
}

/** Between which sizes a variant stops fitting the window; null where it fits at all of them or at none. */
export function findOverflow(
  points: readonly SweepPoint[],
  axis: Pick<Axis, 'name'>,
  variant: string,
): Sweep['overflow'] {
  const fits = points
    .flatMap((point) => {
      const result = point.results.find((each) => each.variant === variant);
      return result ? [{ size: Number(point.params[axis.name]), fits: result.fits }] : [];
    })
    .sort((a, b) => a.size - b.size);
  const first = fits.findIndex((each) => !each.fits);
  const [before, after] = [fits[first - 1], fits[first]];
  return before && after ? { axis: axis.name, between: [before.size, after.size] } : null;
}
