import type { PointVerdict, SweepPoint } from '../../results/sweep.ts';
import { type ItemFlip, leadOf, type VerdictPattern } from '../../results/verdict.ts';
import type { Axis } from './axis.ts';

/** The verdict at one size, by the rule of any other. */
export type SizedLead = {
  size: number;
  pattern: VerdictPattern;
  because: PointVerdict['because'];
  padded: VerdictPattern | null;
};

/** Two neighbouring sizes at which different patterns lead. */
export type Gap = { left: SizedLead; right: SizedLead };

/** The verdict at each size, smallest first. A size at which nothing could be compared says nothing. */
export function findLeads(points: readonly SweepPoint[], axis: Pick<Axis, 'name'>): SizedLead[] {
  return points
    .flatMap(({ verdict, params }): SizedLead[] => {
      if (!verdict?.compared || (verdict.ratio === null && verdict.pattern === 'insufficient')) {
        return [];
      }
      const { pattern, because, padded } = verdict;
      return [{ size: Number(params[axis.name]), pattern, because, padded }];
    })
    .sort((a, b) => a.size - b.size);
}

/** All pairs of neighbours at which different patterns lead, the one nearest to a size first: by the logarithm, in either direction. */
export function gapsByDistance(leads: readonly SizedLead[], now: number): Gap[] {
  const gaps = leads.slice(1).flatMap((right, index): Gap[] => {
    const left = leads[index];
    return left && leadOf(left.pattern) !== leadOf(right.pattern) ? [{ left, right }] : [];
  });
  const distance = ({ left, right }: Gap) =>
    right.size <= now ? Math.log(now / right.size) : left.size >= now ? Math.log(left.size / now) : 0;
  return gaps.sort((a, b) => distance(a) - distance(b));
}

/** What was found about other numbers; undefined where no other was tried, or nothing is known of the present one. */
export function toItemFlip(
  leads: readonly SizedLead[],
  axis: Pick<Axis, 'name'>,
  now: number,
): ItemFlip | undefined {
  if (leads.length < 2 || !leads.some(({ size }) => size === now)) return undefined;
  return {
    param: axis.name,
    now,
    tried: leads.map(({ size, ...lead }) => ({ at: size, ...lead })),
  };
}
