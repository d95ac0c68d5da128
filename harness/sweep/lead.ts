import type { ItemFlip, Lead, Measure } from '../verdict/verdict-schema.ts';
import { type Axis, toValue } from './axis.ts';
import { ratioAt } from './break-even.ts';
import type { PointResult, Sweep, SweepPoint } from './sweep-schema.ts';

/** Which side leads at one size. `log` is ln(code to classic) where that is what decides, that is, where both are right alike. */
export type SizedLead = { size: number; side: Lead; log: number | null; fits: boolean[] };

/** Two neighbouring sizes at which different sides lead. */
export type Gap = { left: SizedLead; right: SizedLead };

/** Who leads at each size, smallest first. A size at which one side has no outcome or no price says nothing. */
export function findLeads(
  points: readonly SweepPoint[],
  axis: Pick<Axis, 'name'>,
  compared: Sweep['compared'],
  by: Measure,
): SizedLead[] {
  return points
    .flatMap((point): SizedLead[] => {
      const sides = [compared.classic, compared.code].flatMap(
        (name) => point.results.find(({ variant }) => variant === name) ?? [],
      );
      const [classic = 0, code = 0] = sides.map(shareRight);
      const ratio = ratioAt(point, compared, { by, caching: true });
      if (sides.length < 2 || ratio === null) return [];
      const decides = classic === code && classic > 0;
      return [
        {
          size: Number(point.params[axis.name]),
          side: decides ? (ratio < 1 ? 'code' : 'classic') : moreRight(classic, code),
          log: decides ? Math.log(ratio) : null,
          fits: sides.map(({ fits }) => fits),
        },
      ];
    })
    .sort((a, b) => a.size - b.size);
}

function moreRight(classic: number, code: number): Lead {
  if (classic === code) return 'neither';
  return classic > code ? 'classic' : 'code';
}

/** What does not fit its window is not right, though it would have been without one. */
function shareRight({ correct, fits }: PointResult): number {
  return fits ? (correct ?? 0) : 0;
}

/** The nearest gap below a size, else the nearest above it; undefined where the same side leads throughout. */
export function nearestGap(leads: readonly SizedLead[], now: number): Gap | undefined {
  const gaps = leads.slice(1).flatMap((right, index): Gap[] => {
    const left = leads[index];
    return left && left.side !== right.side ? [{ left, right }] : [];
  });
  return gaps.findLast(({ right }) => right.size <= now) ?? gaps.find(({ left }) => left.size >= now);
}

/**
 * Where in a gap the lead changes: where a straight line through the logarithms of size and ratio crosses a ratio of 1. Where
 * not the ratio decides but who is right, half-way in the logarithm.
 */
export function placeIn({ left, right }: Gap): number {
  const share = left.log !== null && right.log !== null ? left.log / (left.log - right.log) : 0.5;
  return Math.exp(Math.log(left.size) + share * Math.log(right.size / left.size));
}

/** What was found about the size at which the lead changes; undefined where there is but one size. */
export function toItemFlip(leads: readonly SizedLead[], axis: Axis, now: number): ItemFlip | undefined {
  const current = leads.find(({ size }) => size === now);
  if (!current || leads.length < 2) return undefined;
  const tried = leads.map(({ size }) => size);
  const gap = nearestGap(leads, now);
  if (!gap) return { param: axis.name, now, at: null, below: current.side, above: current.side, tried };
  const { left, right } = gap;
  const place = Number(placeIn(gap).toPrecision(3));
  const at = Math.min(right.size, Math.max(axis.whole ? left.size + 1 : left.size, toValue(axis, place)));
  return {
    param: axis.name,
    now,
    at,
    between: [left.size, right.size],
    below: left.side,
    above: right.side,
    turns: whatTurns(gap),
    tried,
  };
}

function whatTurns({ left, right }: Gap): NonNullable<ItemFlip['turns']> {
  if (left.log !== null && right.log !== null) return 'value';
  return left.fits.some((fits, side) => fits !== right.fits[side]) ? 'window' : 'correctness';
}
